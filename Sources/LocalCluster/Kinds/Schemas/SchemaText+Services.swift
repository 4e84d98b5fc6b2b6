extension SchemaText {
    /// Services and endpoints. The notation is `SchemaNotation`'s.
    static let services = """
        # io.k8s.api.core.v1
        ClientIPConfig: timeoutSeconds? int32
        EndpointAddress atomic: hostname string, ip! string, nodeName? string, targetRef ObjectReference
        EndpointPort atomic: appProtocol? string, name string, port! int32, protocol string
        EndpointSubset: addresses [EndpointAddress] atomic, notReadyAddresses [EndpointAddress] atomic,
          ports [EndpointPort] atomic
        Endpoints object: subsets [EndpointSubset] atomic
        LoadBalancerIngress: hostname string, ip string, ipMode? string, ports [PortStatus] atomic
        LoadBalancerStatus: ingress [LoadBalancerIngress] atomic
        PortStatus: error? string, port! int32, protocol! string
        Service object: spec= ServiceSpec, status= ServiceStatus
        ServicePort: appProtocol? string, name string, nodePort int32, port! int32, protocol string default:TCP,
          targetPort= intOrString
        ServiceSpec: allocateLoadBalancerNodePorts? bool, clusterIP string, clusterIPs [string] atomic,
          externalIPs [string] atomic, externalName string, externalTrafficPolicy string, healthCheckNodePort int32,
          internalTrafficPolicy? string, ipFamilies [string] atomic, ipFamilyPolicy? string, loadBalancerClass? string,
          loadBalancerIP string, loadBalancerSourceRanges [string] atomic,
          ports [ServicePort] map:port+protocol merge:port, publishNotReadyAddresses bool, selector {string} atomic,
          sessionAffinity string, sessionAffinityConfig SessionAffinityConfig, trafficDistribution? string, type string
        ServiceStatus: conditions [Condition] map:type merge:type, loadBalancer= LoadBalancerStatus
        SessionAffinityConfig: clientIP ClientIPConfig
        """
}
