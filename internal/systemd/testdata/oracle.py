# Answers what systemd's own code makes of texts: cases are read from standard
# input as JSON, one in a line, and so are the answers written; null is an error.
import ctypes, json, sys, tempfile

lib = ctypes.CDLL(sys.argv[1])
RELAX, CUNESCAPE, UNESCAPE_RELAX, UNQUOTE = 1, 2, 4, 32


def strings(pointer):
    found = []
    while pointer and pointer[len(found)] is not None:
        found.append(pointer[len(found)].decode("utf-8", "surrogateescape"))
    return found


def array(texts):
    return (ctypes.c_char_p * (len(texts) + 1))(*[t.encode() for t in texts], None)


def split(case):
    flags = UNQUOTE
    for name, flag in (("cEscapes", CUNESCAPE), ("keepUnknown", UNESCAPE_RELAX), ("relaxed", RELAX)):
        flags |= flag if case[name] else 0
    rest = ctypes.c_char_p(case["text"].encode())
    words = []
    while True:
        word = ctypes.c_char_p()
        r = lib.extract_first_word(ctypes.byref(rest), ctypes.byref(word), None, flags)
        if r < 0:
            return None
        if r == 0:
            return words
        words.append(word.value.decode("utf-8", "surrogateescape"))


def environment(case):
    with tempfile.NamedTemporaryFile() as f:
        f.write(case["text"].encode())
        f.flush()
        assignments = ctypes.POINTER(ctypes.c_char_p)()
        r = lib.load_env_file(None, f.name.encode(), ctypes.byref(assignments))
        return strings(assignments) if r >= 0 else None


def expand(case):
    lib.replace_env_argv.restype = ctypes.POINTER(ctypes.c_char_p)
    return strings(lib.replace_env_argv(array(case["words"]), array(case["environment"])))


for line in sys.stdin:
    case = json.loads(line)
    answer = {"split": split, "environment": environment, "expand": expand}[case["kind"]](case)
    print(json.dumps(answer))
