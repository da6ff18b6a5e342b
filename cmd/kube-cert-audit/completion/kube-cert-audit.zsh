#compdef kube-cert-audit kubectl-cert_audit
# Completion of kube-cert-audit for zsh, where compinit was run.
#
# For this shell:
#   source <(kube-cert-audit completion zsh)
# For every shell, with a folder of fpath:
#   kube-cert-audit completion zsh > "${fpath[1]}/_kube-cert-audit"
#
# For "kubectl cert-audit", kubectl asks the program itself:
#   ln -s kube-cert-audit /usr/local/bin/kubectl_complete-cert_audit

_kube-cert-audit() {
    local directive line program=${(Q)words[1]}
    local -a lines values
    lines=("${(@f)$("${program/#\~/$HOME}" __complete "${(@Q)words[2,CURRENT-1]}" "$PREFIX" 2>/dev/null)}")
    directive=${lines[-1]}
    [[ $PREFIX == -*=* ]] && compset -P 1 '*='

    case $directive in
    :0)
        compset -P '*='
        _files
        ;;
    :16) _files -/ ;;
    :4)
        for line in "${(@)lines[1,-2]}"; do
            values+=("${${line%%$'\t'*}//:/\\:}:${line#*$'\t'}")
        done
        _describe -V value values
        ;;
    esac
}

# As a file of fpath, this is the body of the function.
if [[ ${funcstack[1]} == _kube-cert-audit ]]; then
    _kube-cert-audit "$@"
else
    compdef _kube-cert-audit kube-cert-audit kubectl-cert_audit
fi
