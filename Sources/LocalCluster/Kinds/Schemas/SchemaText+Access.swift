extension SchemaText {
    /// Roles, reviews, tokens and admission webhooks. The notation is `SchemaNotation`'s.
    static let access = """
        # io.k8s.api.rbac.v1
        AggregationRule: clusterRoleSelectors [LabelSelector] atomic
        ClusterRole object: aggregationRule AggregationRule, rules [PolicyRule] atomic
        ClusterRoleBinding object: roleRef!= RoleRef, subjects [Subject] atomic
        PolicyRule: apiGroups [string] atomic, nonResourceURLs [string] atomic, resourceNames [string] atomic,
          resources [string] atomic, verbs! [string] atomic
        Role object: rules [PolicyRule] atomic
        RoleBinding object: roleRef!= RoleRef, subjects [Subject] atomic
        RoleRef atomic: apiGroup= string, kind! string, name! string
        Subject atomic: apiGroup string, kind! string, name! string, namespace string

        # io.k8s.api.authentication.v1
        BoundObjectReference: apiVersion string, kind string, name string, uid string
        SelfSubjectReview object: status= SelfSubjectReviewStatus
        SelfSubjectReviewStatus: userInfo= UserInfo
        TokenRequest object: spec= TokenRequestSpec, status= TokenRequestStatus
        TokenRequestSpec: audiences [string] atomic, boundObjectRef BoundObjectReference, expirationSeconds? int64
        TokenRequestStatus: expirationTimestamp time, token= string
        TokenReview object: spec!= TokenReviewSpec, status= TokenReviewStatus
        TokenReviewSpec: audiences [string] atomic, token! string
        TokenReviewStatus: audiences [string] atomic, authenticated bool, error string, user= UserInfo
        UserInfo: extra {[string]}, groups [string] atomic, uid string, username string

        # io.k8s.api.authorization.v1
        FieldSelectorAttributes: rawSelector string, requirements [FieldSelectorRequirement] atomic
        LabelSelectorAttributes: rawSelector string, requirements [LabelSelectorRequirement] atomic
        LocalSubjectAccessReview object: spec!= SubjectAccessReviewSpec, status= SubjectAccessReviewStatus
        NonResourceAttributes: path string, verb string
        NonResourceRule: nonResourceURLs [string] atomic, verbs! [string] atomic
        ResourceAttributes: fieldSelector FieldSelectorAttributes, group string, labelSelector LabelSelectorAttributes,
          name string, namespace string, resource string, subresource string, verb string, version string
        ResourceRule: apiGroups [string] atomic, resourceNames [string] atomic, resources [string] atomic,
          verbs! [string] atomic
        SelfSubjectAccessReview object: spec!= SelfSubjectAccessReviewSpec, status= SubjectAccessReviewStatus
        SelfSubjectAccessReviewSpec: nonResourceAttributes NonResourceAttributes, resourceAttributes ResourceAttributes
        SelfSubjectRulesReview object: spec!= SelfSubjectRulesReviewSpec, status= SubjectRulesReviewStatus
        SelfSubjectRulesReviewSpec: namespace string
        SubjectAccessReview object: spec!= SubjectAccessReviewSpec, status= SubjectAccessReviewStatus
        SubjectAccessReviewSpec: extra {[string]}, groups [string] atomic, nonResourceAttributes NonResourceAttributes,
          resourceAttributes ResourceAttributes, uid string, user string
        SubjectAccessReviewStatus: allowed! bool, denied bool, evaluationError string, reason string
        SubjectRulesReviewStatus: evaluationError string, incomplete! bool, nonResourceRules! [NonResourceRule] atomic,
          resourceRules! [ResourceRule] atomic

        # io.k8s.api.admissionregistration.v1
        MatchCondition: expression! string, name! string
        MutatingWebhook: admissionReviewVersions! [string] atomic, clientConfig!= WebhookClientConfig,
          failurePolicy? string, matchConditions [MatchCondition] map:name merge:name, matchPolicy? string,
          name! string, namespaceSelector LabelSelector, objectSelector LabelSelector, reinvocationPolicy? string,
          rules [RuleWithOperations] atomic, sideEffects!? string, timeoutSeconds? int32
        MutatingWebhookConfiguration object: webhooks [MutatingWebhook] map:name merge:name
        RuleWithOperations: apiGroups [string] atomic, apiVersions [string] atomic, operations [string] atomic,
          resources [string] atomic, scope? string
        ServiceReference: name! string, namespace! string, path? string, port? int32
        ValidatingWebhook: admissionReviewVersions! [string] atomic, clientConfig!= WebhookClientConfig,
          failurePolicy? string, matchConditions [MatchCondition] map:name merge:name, matchPolicy? string,
          name! string, namespaceSelector LabelSelector, objectSelector LabelSelector,
          rules [RuleWithOperations] atomic, sideEffects!? string, timeoutSeconds? int32
        ValidatingWebhookConfiguration object: webhooks [ValidatingWebhook] map:name merge:name
        WebhookClientConfig: caBundle bytes, service ServiceReference, url? string
        """
}
