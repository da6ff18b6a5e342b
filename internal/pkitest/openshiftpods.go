package pkitest

import "strings"

// osConfigs adds the configuration files of the components, which hold their arguments.
func (s *Spec) osConfigs() {
	const resources = osResources
	list := func(values ...string) []string { return values }
	named := func(secrets ...string) (all []any) {
		for _, secret := range secrets {
			all = append(all, map[string]any{"certFile": secret + "/tls.crt", "keyFile": secret + "/tls.key"})
		}
		return all
	}
	const secrets, configmaps = osPodCerts + "/secrets/", osPodCerts + "/configmaps/"
	s.Files[osAPIServer+"/configmaps/config/config.yaml"] = &File{Mode: 0o600, Data: mustYAML(map[string]any{
		"apiVersion": "kubecontrolplane.config.openshift.io/v1", "kind": "KubeAPIServerConfig",
		"apiServerArguments": map[string][]string{
			"anonymous-auth": list("true"), "authorization-mode": list("Scope", "SystemMasters", "RBAC", "Node"),
			"client-ca-file":                  list(configmaps + "client-ca/ca-bundle.crt"),
			"etcd-cafile":                     list(resources + "/configmaps/etcd-serving-ca/ca-bundle.crt"),
			"etcd-certfile":                   list(resources + "/secrets/etcd-client/tls.crt"),
			"etcd-keyfile":                    list(resources + "/secrets/etcd-client/tls.key"),
			"etcd-servers":                    list("https://"+s.AdvertiseAddress+":2379", "https://localhost:2379"),
			"kubelet-certificate-authority":   list(resources + "/configmaps/kubelet-serving-ca/ca-bundle.crt"),
			"kubelet-client-certificate":      list(secrets + "kubelet-client/tls.crt"),
			"kubelet-client-key":              list(secrets + "kubelet-client/tls.key"),
			"kubelet-preferred-address-types": list("InternalIP"),
			"proxy-client-cert-file":          list(secrets + "aggregator-client/tls.crt"),
			"proxy-client-key-file":           list(secrets + "aggregator-client/tls.key"),
			"requestheader-allowed-names":     list("kube-apiserver-proxy", "system:kube-apiserver-proxy", "system:openshift-aggregator"),
			"requestheader-client-ca-file":    list(configmaps + "aggregator-client-ca/ca-bundle.crt"),
			"service-account-issuer":          list("https://kubernetes.default.svc"),
			"service-account-signing-key-file": list(
				secrets + "bound-service-account-signing-key/service-account.key"),
			"tls-cert-file":        list(secrets + "service-network-serving-certkey/tls.crt"),
			"tls-private-key-file": list(secrets + "service-network-serving-certkey/tls.key"),
		},
		"serviceAccountPublicKeyFiles": list(resources+"/configmaps/sa-token-signing-certs", resources+"/configmaps/bound-sa-token-signing-certs"),
		"servicesSubnet":               s.ServiceSubnet,
		"servingInfo": map[string]any{"bindAddress": "0.0.0.0:6443", "bindNetwork": "tcp4", "namedCertificates": named(
			secrets+"localhost-serving-cert-certkey", secrets+"service-network-serving-certkey",
			secrets+"external-loadbalancer-serving-certkey", secrets+"internal-loadbalancer-serving-certkey",
			resources+"/secrets/localhost-recovery-serving-certkey")},
	})}
	s.Files[osManager+"/configmaps/config/config.yaml"] = &File{Mode: 0o600, Data: mustYAML(map[string]any{
		"apiVersion": "kubecontrolplane.config.openshift.io/v1", "kind": "KubeControllerManagerConfig",
		"extendedArguments": map[string][]string{
			"cert-dir":                         list("/var/run/kubernetes"),
			"cluster-signing-cert-file":        list(secrets + "csr-signer/tls.crt"),
			"cluster-signing-key-file":         list(secrets + "csr-signer/tls.key"),
			"root-ca-file":                     list(resources + "/configmaps/serviceaccount-ca/ca-bundle.crt"),
			"service-account-private-key-file": list(resources + "/secrets/service-account-private-key/service-account.key"),
		},
	})}
	s.Files[osScheduler+"/configmaps/config/config.yaml"] = &File{Mode: 0o600, Data: mustYAML(map[string]any{
		"apiVersion": "kubescheduler.config.k8s.io/v1", "kind": "KubeSchedulerConfiguration",
		"clientConnection": map[string]any{"kubeconfig": resources + osSchedulerConf},
	})}
}

// osPods adds the manifests of the static pods: shells start most of the components, and others run beside them.
func (s *Spec) osPods() {
	const config = osResources + "/configmaps/config/config.yaml"
	fromStatus := map[string]any{"name": "HOST_IP", "valueFrom": map[string]any{"fieldRef": map[string]any{"fieldPath": "status.hostIP"}}}
	s.osPod("kube-apiserver", osAPIServer, osAPIServerOwn, osContainer{name: "kube-apiserver", env: []any{fromStatus}, command: []string{"/bin/bash", "-ec", `LOCK=/var/log/kube-apiserver/.lock
exec {LOCK_FD}>${LOCK} && flock --verbose -w 30 "${LOCK_FD}" || {
  echo "Failed to acquire lock for kube-apiserver."
  exit 1
}
exec watch-termination --termination-touch-file=/var/log/kube-apiserver/.terminating --graceful-termination-duration=135s --kubeconfig=` +
		osResources + `/configmaps/kube-apiserver-cert-syncer-kubeconfig/kubeconfig -- hyperkube kube-apiserver --openshift-config=` + config +
		` --advertise-address=${HOST_IP} -v=2 --permit-address-sharing`}})
	kubeconfig := osResources + osManagerConfig
	s.osPod("kube-controller-manager", osManager, osManagerOwn, osContainer{name: "kube-controller-manager", command: []string{"/bin/bash", "-euxo", "pipefail", "-c", `timeout 3m /bin/bash -exuo pipefail -c 'while [ -n "$(ss -Htanop \( sport = 10257 \))" ]; do sleep 1; done'
exec hyperkube kube-controller-manager --openshift-config=` + config + ` \
  --kubeconfig=` + kubeconfig + ` --authentication-kubeconfig=` + kubeconfig + ` --authorization-kubeconfig=` + kubeconfig + ` \
  --client-ca-file=` + osPodCerts + `/configmaps/client-ca/ca-bundle.crt --requestheader-client-ca-file=` + osPodCerts + `/configmaps/aggregator-client-ca/ca-bundle.crt -v=2 \
  --tls-cert-file=` + osResources + `/secrets/serving-cert/tls.crt --tls-private-key-file=` + osResources + `/secrets/serving-cert/tls.key`}})
	kubeconfig = osResources + osSchedulerConf
	s.osPod("kube-scheduler", osScheduler, osSchedulerOwn, osContainer{name: "kube-scheduler", command: []string{
		"hyperkube", "kube-scheduler", "--config=" + config, "--cert-dir=/var/run/kubernetes",
		"--authentication-kubeconfig=" + kubeconfig, "--authorization-kubeconfig=" + kubeconfig, "-v=2",
	}})
	s.osEtcdPod()
}

func (s *Spec) osEtcdPod() {
	const variable = "NODE_master_0_IP"
	certificate := func(kind string) string { return osPodCerts + "/secrets/etcd-all-certs/" + kind + "-" + s.NodeName }
	const bundle = osPodCerts + "/configmaps/etcd-all-bundles/server-ca-bundle.crt"
	env := []any{map[string]any{"name": variable, "value": s.AdvertiseAddress}, map[string]any{"name": "ETCD_DATA_DIR", "value": "/var/lib/etcd"}}
	s.osPod("etcd", osEtcd, osEtcdOwn,
		osContainer{name: "etcdctl", env: env, command: []string{"/bin/bash", "-c", "trap TERM INT; sleep infinity & wait"}},
		osContainer{name: "etcd", env: env, command: []string{"/bin/sh", "-c", `set -euo pipefail
etcdctl member list || true
ETCD_INITIAL_CLUSTER=$(discover-etcd-initial-cluster --cacert=` + bundle + ` --data-dir=/var/lib/etcd)
export ETCD_INITIAL_CLUSTER
time while [ -n "$(ss -Htan '( sport = 2379 or sport = 2380 or sport = 9978 )')" ]; do
  sleep 1
done
set -x
exec nice -n -19 ionice -c2 -n0 etcd --logger=zap --initial-advertise-peer-urls=https://${` + variable + `}:2380 \
  --cert-file=` + certificate("etcd-serving") + `.crt --key-file=` + certificate("etcd-serving") + `.key --trusted-ca-file=` + bundle + ` --client-cert-auth=true \
  --peer-cert-file=` + certificate("etcd-peer") + `.crt --peer-key-file=` + certificate("etcd-peer") + `.key --peer-trusted-ca-file=` + bundle + ` --peer-client-cert-auth=true \
  --advertise-client-urls=https://${` + variable + `}:2379 --listen-client-urls=https://0.0.0.0:2379,unixs://${` + variable + `}:0 \
  --listen-peer-urls=https://0.0.0.0:2380 --metrics=extensive --listen-metrics-urls=https://0.0.0.0:9978 || mv /etc/kubernetes/etcd-backup-dir/etcd-member.yaml /etc/kubernetes/manifests`}},
		osContainer{name: "etcd-metrics", env: env, command: []string{"/bin/sh", "-c", `exec nice -n -18 etcd grpc-proxy start --endpoints https://${` + variable + `}:9978 \
  --key ` + certificate("etcd-peer") + `.key --key-file ` + certificate("etcd-serving-metrics") + `.key --cacert ` + bundle + ` \
  --trusted-ca-file ` + osPodCerts + `/configmaps/etcd-all-bundles/metrics-ca-bundle.crt`}})
}

// osContainer is a container of a static pod.
type osContainer struct {
	name    string
	command []string
	env     []any
}

// osPod adds the manifest of a static pod: its containers have one folder of the revision of the pod, and one of what is exchanged
// in place.
func (s *Spec) osPod(name, revision, own string, containers ...osContainer) {
	var all []any
	for _, c := range containers {
		all = append(all, map[string]any{
			"name": c.name, "image": "quay.io/openshift-release-dev/ocp-v4.0-art-dev@sha256:" + strings.Repeat("0", 64), "command": c.command, "env": c.env,
			"volumeMounts": []any{
				map[string]any{"mountPath": osResources, "name": "resource-dir"}, map[string]any{"mountPath": osPodCerts, "name": "cert-dir"},
			},
		})
	}
	volume := func(name, path string) any {
		return map[string]any{"name": name, "hostPath": map[string]any{"path": path}}
	}
	s.Files[manifestDir+"/"+name+"-pod.yaml"] = &File{Mode: 0o600, Data: mustYAML(map[string]any{
		"apiVersion": "v1", "kind": "Pod", "metadata": map[string]any{"name": name, "namespace": "openshift-" + name},
		"spec": map[string]any{"containers": all, "volumes": []any{volume("resource-dir", revision), volume("cert-dir", own)}},
	})}
}
