extension SchemaText {
    /// Leases, endpoint slices, events, storage, scheduling and networking. The notation is `SchemaNotation`'s.
    static let cluster = """
        # io.k8s.api.coordination.v1
        Lease object: spec= LeaseSpec
        LeaseSpec: acquireTime microtime, holderIdentity? string, leaseDurationSeconds? int32, leaseTransitions? int32,
          preferredHolder? string, renewTime microtime, strategy? string

        # io.k8s.api.discovery.v1
        Endpoint: addresses! [string] set, conditions= EndpointConditions, deprecatedTopology {string},
          hints EndpointHints, hostname? string, nodeName? string, targetRef ObjectReference, zone? string
        EndpointConditions: ready? bool, serving? bool, terminating? bool
        EndpointHints: forNodes [ForNode] atomic, forZones [ForZone] atomic
        EndpointPort atomic: appProtocol? string, name? string, port? int32, protocol? string
        EndpointSlice object: addressType! string, endpoints [Endpoint] atomic, ports [EndpointPort] atomic
        ForNode: name! string
        ForZone: name! string

        # io.k8s.api.events.v1
        Event object: action string, deprecatedCount int32, deprecatedFirstTimestamp time, deprecatedLastTimestamp time,
          deprecatedSource= EventSource, eventTime! microtime, note string, reason string, regarding= ObjectReference,
          related ObjectReference, reportingController string, reportingInstance string, series EventSeries, type string
        EventSeries: count! int32, lastObservedTime! microtime

        # io.k8s.api.scheduling.v1
        PriorityClass object: description string, globalDefault bool, preemptionPolicy? string, value= int32

        # io.k8s.api.storage.v1
        StorageClass object: allowVolumeExpansion? bool, allowedTopologies [TopologySelectorTerm] atomic,
          mountOptions [string] atomic, parameters {string}, provisioner! string, reclaimPolicy? string,
          volumeBindingMode? string

        # io.k8s.api.networking.v1
        HTTPIngressPath: backend!= IngressBackend, path string, pathType!? string
        HTTPIngressRuleValue: paths! [HTTPIngressPath] atomic
        IPBlock: cidr! string, except [string] atomic
        Ingress object: spec= IngressSpec, status= IngressStatus
        IngressBackend: resource TypedLocalObjectReference, service IngressServiceBackend
        IngressClass object: spec= IngressClassSpec
        IngressClassParametersReference: apiGroup? string, kind! string, name! string, namespace? string, scope? string
        IngressClassSpec: controller string, parameters IngressClassParametersReference
        IngressLoadBalancerIngress: hostname string, ip string, ports [IngressPortStatus] atomic
        IngressLoadBalancerStatus: ingress [IngressLoadBalancerIngress] atomic
        IngressPortStatus: error? string, port! int32, protocol! string
        IngressRule: host string, http HTTPIngressRuleValue
        IngressServiceBackend: name! string, port= ServiceBackendPort
        IngressSpec: defaultBackend IngressBackend, ingressClassName? string, rules [IngressRule] atomic,
          tls [IngressTLS] atomic
        IngressStatus: loadBalancer= IngressLoadBalancerStatus
        IngressTLS: hosts [string] atomic, secretName string
        NetworkPolicy object: spec= NetworkPolicySpec
        NetworkPolicyEgressRule: ports [NetworkPolicyPort] atomic, to [NetworkPolicyPeer] atomic
        NetworkPolicyIngressRule: from [NetworkPolicyPeer] atomic, ports [NetworkPolicyPort] atomic
        NetworkPolicyPeer: ipBlock IPBlock, namespaceSelector LabelSelector, podSelector LabelSelector
        NetworkPolicyPort: endPort? int32, port intOrString, protocol? string
        NetworkPolicySpec: egress [NetworkPolicyEgressRule] atomic, ingress [NetworkPolicyIngressRule] atomic,
          podSelector= LabelSelector, policyTypes [string] atomic
        ServiceBackendPort atomic: name string, number int32
        """
}
