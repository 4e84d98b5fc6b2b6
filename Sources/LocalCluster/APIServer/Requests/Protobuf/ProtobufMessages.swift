/// The messages that are known, by name: what each field number is.
///
/// The numbers are those of Kubernetes' generated.proto files. One message a line, `NUMBER NAME TYPE` for each field; `[T]` is
/// repeated, `{T}` a map from strings.
struct ProtobufMessages: Sendable {
    static let shared = ProtobufMessages(text)

    enum Shape: Sendable { case single, repeated, map }

    struct Field: Sendable {
        let name: String
        let type: String
        let shape: Shape
    }

    private let messages: [String: [Int: Field]]

    subscript(name: String) -> [Int: Field]? { messages[name] }

    private init(_ text: String) {
        var messages: [String: [Int: Field]] = [:]
        for line in text.split(separator: "\n") {
            let sides = line.split(separator: ":", maxSplits: 1)
            guard let name = sides.first, sides.count == 2 else { continue }
            var fields: [Int: Field] = [:]
            for part in sides[1].split(separator: ",") {
                let words = part.split(separator: " ")
                guard words.count == 3, let number = Int(words[0]) else { continue }
                let type = words[2]
                let shape: Shape = type.hasPrefix("[") ? .repeated : type.hasPrefix("{") ? .map : .single
                let inner = shape == .single ? type : type.dropFirst().dropLast()
                fields[number] = Field(name: String(words[1]), type: String(inner), shape: shape)
            }
            messages[String(name)] = fields
        }
        self.messages = messages
    }

    private static let text = """
        Unknown: 1 typeMeta TypeMeta, 2 raw bytes, 3 contentEncoding string, 4 contentType string
        TypeMeta: 1 apiVersion string, 2 kind string
        TimeMessage: 1 seconds int, 2 nanos int
        QuantityMessage: 1 string string
        IntOrStringMessage: 1 type int, 2 intVal int, 3 strVal string
        ObjectMeta: 1 name string, 2 generateName string, 3 namespace string, 4 selfLink string, 5 uid string, 6 resourceVersion string, 7 generation int, 8 creationTimestamp Time, 9 deletionTimestamp Time, 10 deletionGracePeriodSeconds int, 11 labels {string}, 12 annotations {string}, 13 ownerReferences [OwnerReference], 14 finalizers [string], 17 managedFields [ManagedFieldsEntry]
        OwnerReference: 1 kind string, 3 name string, 4 uid string, 5 apiVersion string, 6 controller bool, 7 blockOwnerDeletion bool
        ManagedFieldsEntry: 1 manager string, 2 operation string, 3 apiVersion string, 4 time Time, 6 fieldsType string, 8 subresource string
        LabelSelector: 1 matchLabels {string}, 2 matchExpressions [LabelSelectorRequirement]
        LabelSelectorRequirement: 1 key string, 2 operator string, 3 values [string]
        DeleteOptions: 1 gracePeriodSeconds int, 2 preconditions Preconditions, 3 orphanDependents bool, 4 propagationPolicy string, 5 dryRun [string]
        Preconditions: 1 uid string, 2 resourceVersion string
        ObjectReference: 1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string, 6 resourceVersion string, 7 fieldPath string
        LocalObjectReference: 1 name string
        ConfigMap: 1 metadata ObjectMeta, 2 data {string}, 3 binaryData {bytes}, 4 immutable bool
        Secret: 1 metadata ObjectMeta, 2 data {bytes}, 3 type string, 4 stringData {string}, 5 immutable bool
        Namespace: 1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus
        NamespaceSpec: 1 finalizers [string]
        NamespaceStatus: 1 phase string
        ServiceAccount: 1 metadata ObjectMeta, 2 secrets [ObjectReference], 3 imagePullSecrets [LocalObjectReference], 4 automountServiceAccountToken bool
        Service: 1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status ServiceStatus
        ServiceSpec: 1 ports [ServicePort], 2 selector {string}, 3 clusterIP string, 4 type string, 5 externalIPs [string], 7 sessionAffinity string, 8 loadBalancerIP string, 9 loadBalancerSourceRanges [string], 10 externalName string, 11 externalTrafficPolicy string, 12 healthCheckNodePort int, 13 publishNotReadyAddresses bool, 17 ipFamilyPolicy string, 18 clusterIPs [string], 19 ipFamilies [string], 20 allocateLoadBalancerNodePorts bool, 21 loadBalancerClass string, 22 internalTrafficPolicy string, 23 trafficDistribution string
        ServicePort: 1 name string, 2 protocol string, 3 port int, 4 targetPort IntOrString, 5 nodePort int, 6 appProtocol string
        ServiceStatus: 1 loadBalancer LoadBalancerStatus
        LoadBalancerStatus: 1 ingress [LoadBalancerIngress]
        LoadBalancerIngress: 1 ip string, 2 hostname string
        ResourceQuota: 1 metadata ObjectMeta, 2 spec ResourceQuotaSpec, 3 status ResourceQuotaStatus
        ResourceQuotaSpec: 1 hard {Quantity}, 2 scopes [string]
        ResourceQuotaStatus: 1 hard {Quantity}, 2 used {Quantity}
        Role: 1 metadata ObjectMeta, 2 rules [PolicyRule]
        ClusterRole: 1 metadata ObjectMeta, 2 rules [PolicyRule], 3 aggregationRule AggregationRule
        AggregationRule: 1 clusterRoleSelectors [LabelSelector]
        PolicyRule: 1 verbs [string], 2 apiGroups [string], 3 resources [string], 4 resourceNames [string], 5 nonResourceURLs [string]
        RoleBinding: 1 metadata ObjectMeta, 2 subjects [Subject], 3 roleRef RoleRef
        ClusterRoleBinding: 1 metadata ObjectMeta, 2 subjects [Subject], 3 roleRef RoleRef
        Subject: 1 kind string, 2 apiGroup string, 3 name string, 4 namespace string
        RoleRef: 1 apiGroup string, 2 kind string, 3 name string
        TokenRequest: 1 metadata ObjectMeta, 2 spec TokenRequestSpec, 3 status TokenRequestStatus
        TokenRequestSpec: 1 audiences [string], 3 boundObjectRef BoundObjectReference, 4 expirationSeconds int
        TokenRequestStatus: 1 token string, 2 expirationTimestamp Time
        BoundObjectReference: 1 kind string, 2 apiVersion string, 3 name string, 4 uid string
        SelfSubjectAccessReview: 1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus
        SelfSubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes
        SubjectAccessReviewStatus: 1 allowed bool, 2 reason string, 3 evaluationError string, 4 denied bool
        ResourceAttributes: 1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string, 6 subresource string, 7 name string
        NonResourceAttributes: 1 path string, 2 verb string
        SelfSubjectRulesReview: 1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec, 3 status SubjectRulesReviewStatus
        SelfSubjectRulesReviewSpec: 1 namespace string
        SubjectRulesReviewStatus: 3 incomplete bool, 4 evaluationError string
        SelfSubjectReview: 1 metadata ObjectMeta, 2 status SelfSubjectReviewStatus
        SelfSubjectReviewStatus: 1 userInfo ReviewedUser
        ReviewedUser: 1 username string, 2 uid string, 3 groups [string]
        PriorityClass: 1 metadata ObjectMeta, 2 value int, 3 globalDefault bool, 4 description string, 5 preemptionPolicy string
        PodDisruptionBudget: 1 metadata ObjectMeta, 2 spec PodDisruptionBudgetSpec, 3 status PodDisruptionBudgetStatus
        PodDisruptionBudgetSpec: 1 minAvailable IntOrString, 2 selector LabelSelector, 3 maxUnavailable IntOrString, 4 unhealthyPodEvictionPolicy string
        PodDisruptionBudgetStatus: 1 observedGeneration int, 3 disruptionsAllowed int, 4 currentHealthy int, 5 desiredHealthy int, 6 expectedPods int
        Lease: 1 metadata ObjectMeta, 2 spec LeaseSpec
        LeaseSpec: 1 holderIdentity string, 2 leaseDurationSeconds int, 3 acquireTime MicroTime, 4 renewTime MicroTime, 5 leaseTransitions int, 6 strategy string, 7 preferredHolder string
        """
}
