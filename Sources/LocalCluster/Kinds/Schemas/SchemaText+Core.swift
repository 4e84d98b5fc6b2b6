extension SchemaText {
    /// The other kinds of the core group. The notation is `SchemaNotation`'s.
    static let core = """
        # io.k8s.api.core.v1
        Binding object: target!= ObjectReference
        ConfigMap object: binaryData {bytes}, data {string}, immutable? bool
        Event object: action string, count int32, eventTime microtime, firstTimestamp time,
          involvedObject!= ObjectReference, lastTimestamp time, message string, reason string, related ObjectReference,
          reportingComponent= string, reportingInstance= string, series EventSeries, source= EventSource, type string
        EventSeries: count int32, lastObservedTime microtime
        EventSource: component string, host string
        LimitRange object: spec= LimitRangeSpec
        LimitRangeItem: default {quantity}, defaultRequest {quantity}, max {quantity}, maxLimitRequestRatio {quantity},
          min {quantity}, type! string
        LimitRangeSpec: limits! [LimitRangeItem] atomic
        PodTemplate object: template= PodTemplateSpec
        ReplicationController object: spec= ReplicationControllerSpec, status= ReplicationControllerStatus
        ReplicationControllerCondition: lastTransitionTime time, message string, reason string, status! string,
          type! string
        ReplicationControllerSpec: minReadySeconds int32, replicas? int32, selector {string} atomic,
          template PodTemplateSpec
        ReplicationControllerStatus: availableReplicas int32,
          conditions [ReplicationControllerCondition] map:type merge:type, fullyLabeledReplicas int32,
          observedGeneration int64, readyReplicas int32, replicas! int32
        ResourceQuota object: spec= ResourceQuotaSpec, status= ResourceQuotaStatus
        ResourceQuotaSpec: hard {quantity}, scopeSelector ScopeSelector, scopes [string] atomic
        ResourceQuotaStatus: hard {quantity}, used {quantity}
        ScopeSelector atomic: matchExpressions [ScopedResourceSelectorRequirement] atomic
        ScopedResourceSelectorRequirement: operator! string, scopeName! string, values [string] atomic
        Secret object: data {bytes}, immutable? bool, stringData {string}, type string
        ServiceAccount object: automountServiceAccountToken? bool, imagePullSecrets [LocalObjectReference] atomic,
          secrets [ObjectReference] map:name merge:name
        """
}
