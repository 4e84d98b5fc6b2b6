import Testing

/// Tests of the built programs on a cluster that all of them share.
@Suite(.cluster, .fewAtATime, .timeLimit(.minutes(10)))
enum Integration {}
