/// Where a node was met while pods were planned and written.
struct NodePlace: BitwiseCopyable {
  /// The number of the plan or pod, counted through all values.
  let pod: UInt32
  /// What its plan says of it, or its number in the pod.
  let number: UInt32
}
