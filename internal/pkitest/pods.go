package pkitest

import "net"

// kubernetesVersion is the release whose kubeadm the sample nodes imitate.
const kubernetesVersion = "v1.37.2"

func etcd(n Node) *Pod {
	return &Pod{
		Name:    "etcd",
		File:    manifestDir + "/etcd.yaml",
		Image:   "registry.k8s.io/etcd:3.7.0-0",
		Command: etcdCommand(n),
		Mounts: []Mount{
			{Name: "etcd-data", HostPath: "/var/lib/etcd", Type: "DirectoryOrCreate", MountPath: "/var/lib/etcd"},
			{Name: "etcd-certs", HostPath: pkiDir + "/etcd", Type: "DirectoryOrCreate", MountPath: pkiDir + "/etcd"},
		},
		Annotations: map[string]string{"kubeadm.kubernetes.io/etcd.advertise-client-urls": etcdURL(n, "2379")},
		Requests:    map[string]string{"cpu": "100m", "memory": "100Mi"},
		Probes:      Probes{Scheme: "HTTP", Host: "127.0.0.1", Port: 2381, Live: "/livez", Ready: "/readyz", Start: "/readyz"},
	}
}

func etcdCommand(n Node) []string {
	client := etcdURL(n, "2379")
	peer := etcdURL(n, "2380")
	return []string{
		"etcd",
		"--advertise-client-urls=" + client,
		"--cert-file=" + pkiDir + "/etcd/server.crt",
		"--client-cert-auth=true",
		"--data-dir=/var/lib/etcd",
		"--feature-gates=InitialCorruptCheck=true",
		"--initial-advertise-peer-urls=" + peer,
		"--initial-cluster=" + n.NodeName + "=" + peer,
		"--key-file=" + pkiDir + "/etcd/server.key",
		"--listen-client-urls=https://127.0.0.1:2379," + client,
		"--listen-metrics-urls=http://127.0.0.1:2381",
		"--listen-peer-urls=" + peer,
		"--name=" + n.NodeName,
		"--peer-cert-file=" + pkiDir + "/etcd/peer.crt",
		"--peer-client-cert-auth=true",
		"--peer-key-file=" + pkiDir + "/etcd/peer.key",
		"--peer-trusted-ca-file=" + pkiDir + "/etcd/ca.crt",
		"--snapshot-count=10000",
		"--trusted-ca-file=" + pkiDir + "/etcd/ca.crt",
		"--watch-progress-notify-interval=5s",
	}
}

func etcdURL(n Node, port string) string {
	return "https://" + net.JoinHostPort(n.AdvertiseAddress, port)
}

func apiserver(n Node) *Pod {
	return &Pod{
		Name:        "kube-apiserver",
		File:        manifestDir + "/kube-apiserver.yaml",
		Image:       "registry.k8s.io/kube-apiserver:" + kubernetesVersion,
		Command:     apiserverCommand(n),
		Mounts:      clusterMounts(),
		Annotations: map[string]string{"kubeadm.kubernetes.io/kube-apiserver.advertise-address.endpoint": n.localEndpoint()},
		Requests:    map[string]string{"cpu": "250m"},
		Probes:      Probes{Scheme: "HTTPS", Host: n.AdvertiseAddress, Port: 6443, Live: "/livez", Ready: "/readyz", Start: "/livez"},
	}
}

func apiserverCommand(n Node) []string {
	return []string{
		"kube-apiserver",
		"--advertise-address=" + n.AdvertiseAddress,
		"--allow-privileged=true",
		"--authorization-mode=Node,RBAC",
		"--client-ca-file=" + pkiDir + "/ca.crt",
		"--enable-admission-plugins=NodeRestriction",
		"--enable-bootstrap-token-auth=true",
		"--etcd-cafile=" + pkiDir + "/etcd/ca.crt",
		"--etcd-certfile=" + pkiDir + "/apiserver-etcd-client.crt",
		"--etcd-keyfile=" + pkiDir + "/apiserver-etcd-client.key",
		"--etcd-servers=https://127.0.0.1:2379",
		"--kubelet-client-certificate=" + pkiDir + "/apiserver-kubelet-client.crt",
		"--kubelet-client-key=" + pkiDir + "/apiserver-kubelet-client.key",
		"--kubelet-preferred-address-types=InternalIP,ExternalIP,Hostname",
		"--proxy-client-cert-file=" + pkiDir + "/front-proxy-client.crt",
		"--proxy-client-key-file=" + pkiDir + "/front-proxy-client.key",
		"--requestheader-allowed-names=front-proxy-client",
		"--requestheader-client-ca-file=" + pkiDir + "/front-proxy-ca.crt",
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-username-headers=X-Remote-User",
		"--secure-port=6443",
		"--service-account-issuer=https://kubernetes.default.svc." + n.DNSDomain,
		"--service-account-key-file=" + pkiDir + "/sa.pub",
		"--service-account-signing-key-file=" + pkiDir + "/sa.key",
		"--service-cluster-ip-range=" + n.ServiceSubnet,
		"--tls-cert-file=" + pkiDir + "/apiserver.crt",
		"--tls-private-key-file=" + pkiDir + "/apiserver.key",
	}
}

func controllerManager(n Node) *Pod {
	const kubeconfig = "/etc/kubernetes/controller-manager.conf"
	return &Pod{
		Name:  "kube-controller-manager",
		File:  manifestDir + "/kube-controller-manager.yaml",
		Image: "registry.k8s.io/kube-controller-manager:" + kubernetesVersion,
		Command: []string{
			"kube-controller-manager",
			"--authentication-kubeconfig=" + kubeconfig,
			"--authorization-kubeconfig=" + kubeconfig,
			"--bind-address=127.0.0.1",
			"--client-ca-file=" + pkiDir + "/ca.crt",
			"--cluster-name=" + n.ClusterName,
			"--cluster-signing-cert-file=" + pkiDir + "/ca.crt",
			"--cluster-signing-key-file=" + pkiDir + "/ca.key",
			"--controllers=*,bootstrapsigner,tokencleaner",
			"--kubeconfig=" + kubeconfig,
			"--leader-elect=true",
			"--requestheader-client-ca-file=" + pkiDir + "/front-proxy-ca.crt",
			"--root-ca-file=" + pkiDir + "/ca.crt",
			"--service-account-private-key-file=" + pkiDir + "/sa.key",
			"--use-service-account-credentials=true",
		},
		Mounts:   clusterMounts(kubeconfigMount(kubeconfig)),
		Requests: map[string]string{"cpu": "200m"},
		Probes:   Probes{Scheme: "HTTPS", Host: "127.0.0.1", Port: 10257, Live: "/healthz", Start: "/healthz"},
	}
}

func scheduler(Node) *Pod {
	const kubeconfig = "/etc/kubernetes/scheduler.conf"
	return &Pod{
		Name:  "kube-scheduler",
		File:  manifestDir + "/kube-scheduler.yaml",
		Image: "registry.k8s.io/kube-scheduler:" + kubernetesVersion,
		Command: []string{
			"kube-scheduler",
			"--authentication-kubeconfig=" + kubeconfig,
			"--authorization-kubeconfig=" + kubeconfig,
			"--bind-address=127.0.0.1",
			"--kubeconfig=" + kubeconfig,
			"--leader-elect=true",
		},
		Mounts:   []Mount{kubeconfigMount(kubeconfig)},
		Requests: map[string]string{"cpu": "100m"},
		Probes:   Probes{Scheme: "HTTPS", Host: "127.0.0.1", Port: 10259, Live: "/livez", Ready: "/readyz", Start: "/livez"},
	}
}
