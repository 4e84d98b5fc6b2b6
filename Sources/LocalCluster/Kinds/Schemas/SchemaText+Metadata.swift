extension SchemaText {
    /// What all objects share. The notation is `SchemaNotation`'s.
    static let metadata = """
        # io.k8s.apimachinery.pkg.apis.meta.v1
        Condition: lastTransitionTime! time, message! string, observedGeneration int64, reason! string, status! string,
          type! string
        DeleteOptions object: dryRun [string] atomic, gracePeriodSeconds? int64,
          ignoreStoreReadErrorWithClusterBreakingPotential? bool, orphanDependents? bool, preconditions Preconditions,
          propagationPolicy? string
        FieldSelectorRequirement: key! string, operator! string, values [string] atomic
        LabelSelector atomic: matchExpressions [LabelSelectorRequirement] atomic, matchLabels {string}
        LabelSelectorRequirement: key! string, operator! string, values [string] atomic
        ListMeta: continue string, remainingItemCount? int64, resourceVersion string, selfLink string,
          shardInfo ShardInfo
        ManagedFieldsEntry: apiVersion string, fieldsType string, fieldsV1 fieldsV1, manager string, operation string,
          subresource string, time time
        ObjectMeta: annotations {string}, creationTimestamp time, deletionGracePeriodSeconds? int64,
          deletionTimestamp time, finalizers [string] set merge, generateName string, generation int64, labels {string},
          managedFields [ManagedFieldsEntry] atomic, name string, namespace string,
          ownerReferences [OwnerReference] map:uid merge:uid, resourceVersion string, selfLink string, uid string
        OwnerReference atomic: apiVersion! string, blockOwnerDeletion? bool, controller? bool, kind! string,
          name! string, uid! string
        Preconditions: resourceVersion? string, uid? string
        ShardInfo: selector! string
        Status object: code int32, details StatusDetails, message string, reason string, status string
        StatusCause: field string, message string, reason string
        StatusDetails: causes [StatusCause] atomic, group string, kind string, name string, retryAfterSeconds int32,
          uid string
        """
}
