extension SchemaText {
    /// Pods, their containers and how they are placed. The notation is `SchemaNotation`'s.
    static let pods = """
        # io.k8s.api.core.v1
        Affinity: nodeAffinity NodeAffinity, podAffinity PodAffinity, podAntiAffinity PodAntiAffinity
        AppArmorProfile: localhostProfile? string, type! string
        Capabilities: add [string] atomic, drop [string] atomic
        ConfigMapEnvSource: name string, optional? bool
        ConfigMapKeySelector atomic: key! string, name string, optional? bool
        Container: args [string] atomic, command [string] atomic, env [EnvVar] map:name merge:name,
          envFrom [EnvFromSource] atomic, image string, imagePullPolicy string, lifecycle Lifecycle,
          livenessProbe Probe, name! string, ports [ContainerPort] map:containerPort+protocol merge:containerPort,
          readinessProbe Probe, resizePolicy [ContainerResizePolicy] atomic, resources= ResourceRequirements,
          restartPolicy? string, restartPolicyRules [ContainerRestartRule] atomic, securityContext SecurityContext,
          startupProbe Probe, stdin bool, stdinOnce bool, terminationMessagePath string,
          terminationMessagePolicy string, tty bool, volumeDevices [VolumeDevice] map:devicePath merge:devicePath,
          volumeMounts [VolumeMount] map:mountPath merge:mountPath, workingDir string
        ContainerExtendedResourceRequest: containerName! string, requestName! string, resourceName! string
        ContainerPort: containerPort! int32, hostIP string, hostPort int32, name string, protocol string default:TCP
        ContainerResizePolicy: resourceName! string, restartPolicy! string
        ContainerRestartRule: action! string, exitCodes ContainerRestartRuleOnExitCodes
        ContainerRestartRuleOnExitCodes: operator! string, values [int32] set
        ContainerState: running ContainerStateRunning, terminated ContainerStateTerminated,
          waiting ContainerStateWaiting
        ContainerStateRunning: startedAt time
        ContainerStateTerminated: containerID string, exitCode! int32, finishedAt time, message string, reason string,
          signal int32, startedAt time
        ContainerStateWaiting: message string, reason string
        ContainerStatus: allocatedResources {quantity}, allocatedResourcesStatus [ResourceStatus] map:name merge:name,
          containerID string, image! string, imageID! string, lastState= ContainerState, name! string, ready! bool,
          resources ResourceRequirements, restartCount! int32, started? bool, state= ContainerState, stopSignal? string,
          user ContainerUser, volumeMounts [VolumeMountStatus] map:mountPath merge:mountPath
        ContainerUser: linux LinuxContainerUser
        EnvFromSource: configMapRef ConfigMapEnvSource, prefix string, secretRef SecretEnvSource
        EnvVar: name! string, value string, valueFrom EnvVarSource
        EnvVarSource: configMapKeyRef ConfigMapKeySelector, fieldRef ObjectFieldSelector, fileKeyRef FileKeySelector,
          resourceFieldRef ResourceFieldSelector, secretKeyRef SecretKeySelector
        EphemeralContainer: args [string] atomic, command [string] atomic, env [EnvVar] map:name merge:name,
          envFrom [EnvFromSource] atomic, image string, imagePullPolicy string, lifecycle Lifecycle,
          livenessProbe Probe, name! string, ports [ContainerPort] map:containerPort+protocol merge:containerPort,
          readinessProbe Probe, resizePolicy [ContainerResizePolicy] atomic, resources= ResourceRequirements,
          restartPolicy? string, restartPolicyRules [ContainerRestartRule] atomic, securityContext SecurityContext,
          startupProbe Probe, stdin bool, stdinOnce bool, targetContainerName string, terminationMessagePath string,
          terminationMessagePolicy string, tty bool, volumeDevices [VolumeDevice] map:devicePath merge:devicePath,
          volumeMounts [VolumeMount] map:mountPath merge:mountPath, workingDir string
        ExecAction: command [string] atomic
        FileKeySelector atomic: key! string, optional? bool, path! string, volumeName! string
        GRPCAction: port! int32, service? string
        HTTPGetAction: host string, httpHeaders [HTTPHeader] atomic, path string, port!= intOrString, scheme string
        HTTPHeader: name! string, value! string
        HostAlias: hostnames [string] atomic, ip! string
        HostIP: ip! string
        ImageVolumeStatus: imageRef! string
        Lifecycle: postStart LifecycleHandler, preStop LifecycleHandler, stopSignal? string
        LifecycleHandler: exec ExecAction, httpGet HTTPGetAction, sleep SleepAction, tcpSocket TCPSocketAction
        LinuxContainerUser: gid! int64, supplementalGroups [int64] atomic, uid! int64
        LocalObjectReference atomic: name string
        NodeAffinity: preferredDuringSchedulingIgnoredDuringExecution [PreferredSchedulingTerm] atomic,
          requiredDuringSchedulingIgnoredDuringExecution NodeSelector
        NodeSelector atomic: nodeSelectorTerms! [NodeSelectorTerm] atomic
        NodeSelectorRequirement: key! string, operator! string, values [string] atomic
        NodeSelectorTerm atomic: matchExpressions [NodeSelectorRequirement] atomic,
          matchFields [NodeSelectorRequirement] atomic
        ObjectFieldSelector atomic: apiVersion string, fieldPath! string
        ObjectReference atomic: apiVersion string, fieldPath string, kind string, name string, namespace string,
          resourceVersion string, uid string
        Pod object: spec= PodSpec, status= PodStatus
        PodAffinity: preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm] atomic,
          requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm] atomic
        PodAffinityTerm: labelSelector LabelSelector, matchLabelKeys [string] atomic, mismatchLabelKeys [string] atomic,
          namespaceSelector LabelSelector, namespaces [string] atomic, topologyKey! string
        PodAntiAffinity: preferredDuringSchedulingIgnoredDuringExecution [WeightedPodAffinityTerm] atomic,
          requiredDuringSchedulingIgnoredDuringExecution [PodAffinityTerm] atomic
        PodCondition: lastProbeTime time, lastTransitionTime time, message string, observedGeneration int64,
          reason string, status! string, type! string
        PodDNSConfig: nameservers [string] atomic, options [PodDNSConfigOption] atomic, searches [string] atomic
        PodDNSConfigOption: name string, value? string
        PodExtendedResourceClaimStatus: requestMappings! [ContainerExtendedResourceRequest] atomic,
          resourceClaimName! string
        PodIP: ip! string
        PodOS: name! string
        PodReadinessGate: conditionType! string
        PodResourceClaim: name! string, resourceClaimName? string, resourceClaimTemplateName? string
        PodResourceClaimStatus: name! string, resourceClaimName? string
        PodSchedulingGate: name! string
        PodSchedulingGroup: podGroupName? string
        PodSecurityContext: appArmorProfile AppArmorProfile, fsGroup? int64, fsGroupChangePolicy? string,
          runAsGroup? int64, runAsNonRoot? bool, runAsUser? int64, seLinuxChangePolicy? string,
          seLinuxOptions SELinuxOptions, seccompProfile SeccompProfile, supplementalGroups [int64] atomic,
          supplementalGroupsPolicy? string, sysctls [Sysctl] atomic, windowsOptions WindowsSecurityContextOptions
        PodSpec: activeDeadlineSeconds? int64, affinity Affinity, automountServiceAccountToken? bool,
          containers! [Container] map:name merge:name, dnsConfig PodDNSConfig, dnsPolicy string,
          enableServiceLinks? bool, ephemeralContainers [EphemeralContainer] map:name merge:name,
          hostAliases [HostAlias] map:ip merge:ip, hostIPC bool, hostNetwork bool, hostPID bool, hostUsers? bool,
          hostname string, hostnameOverride? string, imagePullSecrets [LocalObjectReference] map:name merge:name,
          initContainers [Container] map:name merge:name, nodeName string, nodeSelector {string} atomic, os PodOS,
          overhead {quantity}, preemptionPolicy? string, priority? int32, priorityClassName string,
          readinessGates [PodReadinessGate] atomic, resourceClaims [PodResourceClaim] map:name merge:name retainKeys,
          resources ResourceRequirements, restartPolicy string, runtimeClassName? string, schedulerName string,
          schedulingGates [PodSchedulingGate] map:name merge:name, schedulingGroup PodSchedulingGroup,
          securityContext PodSecurityContext, serviceAccount string, serviceAccountName string, setHostnameAsFQDN? bool,
          shareProcessNamespace? bool, subdomain string, terminationGracePeriodSeconds? int64,
          tolerations [Toleration] atomic,
          topologySpreadConstraints [TopologySpreadConstraint] map:topologyKey+whenUnsatisfiable merge:topologyKey,
          volumes [Volume] map:name merge:name retainKeys
        PodStatus: allocatedResources {quantity}, conditions [PodCondition] map:type merge:type,
          containerStatuses [ContainerStatus] atomic, ephemeralContainerStatuses [ContainerStatus] atomic,
          extendedResourceClaimStatus PodExtendedResourceClaimStatus, hostIP string, hostIPs [HostIP] atomic merge:ip,
          initContainerStatuses [ContainerStatus] atomic, message string, nominatedNodeName string,
          observedGeneration int64, phase string, podIP string, podIPs [PodIP] map:ip merge:ip, qosClass string,
          reason string, resize string, resourceClaimStatuses [PodResourceClaimStatus] map:name merge:name retainKeys,
          resources ResourceRequirements, startTime time
        PodTemplateSpec: metadata= ObjectMeta, spec= PodSpec
        PreferredSchedulingTerm: preference!= NodeSelectorTerm, weight! int32
        Probe: exec ExecAction, failureThreshold int32, grpc GRPCAction, httpGet HTTPGetAction,
          initialDelaySeconds int32, periodSeconds int32, successThreshold int32, tcpSocket TCPSocketAction,
          terminationGracePeriodSeconds? int64, timeoutSeconds int32
        ResourceClaim: name! string, request string
        ResourceFieldSelector atomic: containerName string, divisor= quantity, resource! string
        ResourceHealth: health string, message? string, resourceID! string
        ResourceRequirements: claims [ResourceClaim] map:name, limits {quantity}, requests {quantity}
        ResourceStatus: name! string, resources [ResourceHealth] map:resourceID
        SELinuxOptions: level string, role string, type string, user string
        SeccompProfile: localhostProfile? string, type! string
        SecretEnvSource: name string, optional? bool
        SecretKeySelector atomic: key! string, name string, optional? bool
        SecretReference atomic: name string, namespace string
        SecurityContext: allowPrivilegeEscalation? bool, appArmorProfile AppArmorProfile, capabilities Capabilities,
          privileged? bool, procMount? string, readOnlyRootFilesystem? bool, runAsGroup? int64, runAsNonRoot? bool,
          runAsUser? int64, seLinuxOptions SELinuxOptions, seccompProfile SeccompProfile,
          windowsOptions WindowsSecurityContextOptions
        SleepAction: seconds! int64
        Sysctl: name! string, value! string
        TCPSocketAction: host string, port!= intOrString
        Toleration: effect string, key string, operator string, tolerationSeconds? int64, value string
        TopologySelectorLabelRequirement: key! string, values! [string] atomic
        TopologySelectorTerm atomic: matchLabelExpressions [TopologySelectorLabelRequirement] atomic
        TopologySpreadConstraint: labelSelector LabelSelector, matchLabelKeys [string] atomic, maxSkew! int32,
          minDomains? int32, nodeAffinityPolicy? string, nodeTaintsPolicy? string, topologyKey! string,
          whenUnsatisfiable! string
        TypedLocalObjectReference atomic: apiGroup? string, kind! string, name! string
        TypedObjectReference: apiGroup? string, kind! string, name! string, namespace? string
        VolumeDevice: devicePath! string, name! string
        VolumeMount: mountPath! string, mountPropagation? string, name! string, readOnly bool,
          recursiveReadOnly? string, subPath string, subPathExpr string
        VolumeMountStatus: mountPath! string, name! string, readOnly bool, recursiveReadOnly? string,
          volumeStatus VolumeStatus
        VolumeStatus: image ImageVolumeStatus
        WeightedPodAffinityTerm: podAffinityTerm!= PodAffinityTerm, weight! int32
        WindowsSecurityContextOptions: gmsaCredentialSpec? string, gmsaCredentialSpecName? string, hostProcess? bool,
          runAsUserName? string
        """
}
