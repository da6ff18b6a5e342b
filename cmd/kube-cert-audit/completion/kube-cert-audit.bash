# Completion of kube-cert-audit for bash.
#
# For this shell:
#   source <(kube-cert-audit completion bash)
# For every shell of this user, with the package bash-completion:
#   mkdir -p ~/.local/share/bash-completion/completions
#   kube-cert-audit completion bash > ~/.local/share/bash-completion/completions/kube-cert-audit
# or without it:
#   echo 'source <(kube-cert-audit completion bash)' >> ~/.bashrc
#
# For "kubectl cert-audit", kubectl asks the program itself:
#   ln -s kube-cert-audit /usr/local/bin/kubectl_complete-cert_audit

_kube_cert_audit() {
    local i word begun directive program=${COMP_WORDS[0]} words=() lines=()
    # bash parts words at = and :, unless they are taken from COMP_WORDBREAKS.
    for ((i = 1; i <= COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        if ((i > 1)) && [[ $word == [=:]* || ${COMP_WORDS[i - 1]} == *[=:] ]]; then
            words[${#words[@]} - 1]+=$word
        else
            words+=("$word")
        fi
    done
    begun=${COMP_WORDS[COMP_CWORD]}
    [[ $begun == [=:] ]] && begun=
    [[ $begun == -*=* ]] && begun=${begun#*=}

    mapfile -t lines < <("${program/#\~/$HOME}" __complete "${words[@]}" 2>/dev/null)
    ((${#lines[@]} > 0)) || return
    directive=${lines[-1]}
    unset 'lines[-1]'

    COMPREPLY=()
    for word in "${lines[@]%%$'\t'*}"; do
        [[ $word == "$begun"* ]] && COMPREPLY+=("$word")
    done
    case $directive in
    :0) compopt -o default ;;
    :16) compopt -o dirnames ;;
    esac
}

complete -F _kube_cert_audit kube-cert-audit kubectl-cert_audit
