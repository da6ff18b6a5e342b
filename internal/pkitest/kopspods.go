package pkitest

// kopsPod returns a static pod that go-runner starts, with folders of the host at the same paths.
func kopsPod(name string, folders, flags []string) *Pod {
	p := &Pod{
		Name: name, File: manifestDir + "/" + name + ".manifest", Image: "registry.k8s.io/" + name + ":" + kubernetesVersion,
		Command: append([]string{"/go-runner", "--log-file=/var/log/" + name + ".log", "--also-stdout", "/usr/local/bin/" + name}, flags...),
	}
	for i, folder := range folders {
		p.Mounts = append(p.Mounts, Mount{Name: "folder-" + string(rune('a'+i)), HostPath: folder, MountPath: folder, ReadOnly: true})
	}
	return p
}

func kopsAPIServer(n Node) *Pod {
	const dir = kopsDir + "/kube-apiserver"
	return kopsPod("kube-apiserver", []string{kopsCA, dir}, []string{
		"--allow-privileged=true", "--anonymous-auth=false", "--authorization-mode=Node,RBAC", "--bind-address=0.0.0.0",
		"--client-ca-file=" + kopsCA,
		"--etcd-cafile=" + dir + "/etcd-ca.crt", "--etcd-certfile=" + dir + "/etcd-client.crt", "--etcd-keyfile=" + dir + "/etcd-client.key",
		"--etcd-servers-overrides=/events#https://127.0.0.1:4002", "--etcd-servers=https://127.0.0.1:4001",
		"--kubelet-client-certificate=" + dir + "/kubelet-api.crt", "--kubelet-client-key=" + dir + "/kubelet-api.key",
		"--kubelet-preferred-address-types=InternalIP,Hostname,ExternalIP",
		"--proxy-client-cert-file=" + dir + "/apiserver-aggregator.crt", "--proxy-client-key-file=" + dir + "/apiserver-aggregator.key",
		"--requestheader-allowed-names=aggregator", "--requestheader-client-ca-file=" + dir + "/apiserver-aggregator-ca.crt",
		"--secure-port=443", "--service-account-issuer=https://api.internal.example.internal",
		"--service-account-key-file=" + dir + "/service-account.pub", "--service-account-signing-key-file=" + dir + "/service-account.key",
		"--service-cluster-ip-range=" + n.ServiceSubnet,
		"--tls-cert-file=" + dir + "/server.crt", "--tls-private-key-file=" + dir + "/server.key",
	})
}

func kopsControllerManager() *Pod {
	const dir = kopsDir + "/kube-controller-manager"
	return kopsPod("kube-controller-manager", []string{kopsCA, dir, "/var/lib/kube-controller-manager"}, []string{
		"--authentication-kubeconfig=" + kopsManager, "--authorization-kubeconfig=" + kopsManager, "--kubeconfig=" + kopsManager,
		"--cluster-signing-cert-file=" + dir + "/ca.crt", "--cluster-signing-key-file=" + dir + "/ca.key",
		"--root-ca-file=" + kopsCA, "--service-account-private-key-file=" + dir + "/service-account.key",
		"--tls-cert-file=" + dir + "/server.crt", "--tls-private-key-file=" + dir + "/server.key",
	})
}

func kopsSchedulerPod() *Pod {
	const dir = kopsDir + "/kube-scheduler"
	return kopsPod("kube-scheduler", []string{dir, "/var/lib/kube-scheduler"}, []string{
		"--authentication-kubeconfig=" + kopsScheduler, "--authorization-kubeconfig=" + kopsScheduler,
		"--config=/var/lib/kube-scheduler/config.yaml", "--leader-elect=true",
		"--tls-cert-file=" + dir + "/server.crt", "--tls-private-key-file=" + dir + "/server.key",
	})
}

func kopsProxy() *Pod {
	const kubeconfig = "/var/lib/kube-proxy/kubeconfig"
	return kopsPod("kube-proxy", []string{kubeconfig}, []string{"--kubeconfig=" + kubeconfig, "--master=https://127.0.0.1"})
}
