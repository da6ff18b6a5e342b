# Completion of kube-cert-audit for fish.
#
# For this shell:
#   kube-cert-audit completion fish | source
# For every shell of this user:
#   kube-cert-audit completion fish > ~/.config/fish/completions/kube-cert-audit.fish
#
# For "kubectl cert-audit", kubectl asks the program itself:
#   ln -s kube-cert-audit /usr/local/bin/kubectl_complete-cert_audit

function __kube_cert_audit_complete
    set -l before (commandline -opc)
    set -l begun (commandline -ct)
    set -l program (string replace -r '^~' $HOME -- $before[1])
    set -l lines ($program __complete $before[2..-1] "$begun" 2>/dev/null)
    test (count $lines) -gt 0; or return

    # Of --flag=value, the program completes the value, and of FORMAT=FILE the file.
    set -l head (string match -r '^-[^=]*=' -- $begun)
    set -l found (string join \n -- $lines[1..-2])
    switch $lines[-1]
        case :0
            set head (string match -r '^.*=' -- $begun)
            set found (__fish_complete_path (string replace -r '^.*=' '' -- $begun))
        case :16
            set found (__fish_complete_directories (string replace -r '^.*=' '' -- $begun))
    end
    string join \n -- "$head"$found
end

for name in kube-cert-audit kubectl-cert_audit
    complete -c $name -f -a '(__kube_cert_audit_complete)'
end
