extension SchemaText {
    /// Nodes and namespaces. The notation is `SchemaNotation`'s.
    static let nodes = """
        # io.k8s.api.core.v1
        AttachedVolume: devicePath! string, name! string
        ConfigMapNodeConfigSource: kubeletConfigKey! string, name! string, namespace! string, resourceVersion string,
          uid string
        ContainerImage: names [string] atomic, sizeBytes int64
        DaemonEndpoint: Port! int32
        Namespace object: spec= NamespaceSpec, status= NamespaceStatus
        NamespaceCondition: lastTransitionTime time, message string, reason string, status! string, type! string
        NamespaceSpec: finalizers [string] atomic
        NamespaceStatus: conditions [NamespaceCondition] map:type merge:type, phase string
        Node object: spec= NodeSpec, status= NodeStatus
        NodeAddress: address! string, type! string
        NodeCondition: lastHeartbeatTime time, lastTransitionTime time, message string, reason string, status! string,
          type! string
        NodeConfigSource: configMap ConfigMapNodeConfigSource
        NodeConfigStatus: active NodeConfigSource, assigned NodeConfigSource, error string,
          lastKnownGood NodeConfigSource
        NodeDaemonEndpoints: kubeletEndpoint= DaemonEndpoint
        NodeFeatures: supplementalGroupsPolicy? bool
        NodeRuntimeHandler: features NodeRuntimeHandlerFeatures, name= string
        NodeRuntimeHandlerFeatures: recursiveReadOnlyMounts? bool, userNamespaces? bool
        NodeSpec: configSource NodeConfigSource, externalID string, podCIDR string, podCIDRs [string] set merge,
          providerID string, taints [Taint] atomic, unschedulable bool
        NodeStatus: addresses [NodeAddress] map:type merge:type, allocatable {quantity}, capacity {quantity},
          conditions [NodeCondition] map:type merge:type, config NodeConfigStatus, daemonEndpoints= NodeDaemonEndpoints,
          declaredFeatures [string] atomic, features NodeFeatures, images [ContainerImage] atomic,
          nodeInfo= NodeSystemInfo, phase string, runtimeHandlers [NodeRuntimeHandler] atomic,
          volumesAttached [AttachedVolume] atomic, volumesInUse [string] atomic
        NodeSwapStatus: capacity? int64
        NodeSystemInfo: architecture! string, bootID! string, containerRuntimeVersion! string, kernelVersion! string,
          kubeProxyVersion! string, kubeletVersion! string, machineID! string, operatingSystem! string, osImage! string,
          swap NodeSwapStatus, systemUUID! string
        Taint: effect! string, key! string, timeAdded time, value string
        """
}
