/// One change that a program made to a watched directory, by paths relative to it.
enum Operation {
  case create(String)
  case makeDirectory(String)
  case write(String, offset: Int, bytes: [UInt8])
  case resize(String, size: Int)
  case rename(String, to: String)
  case remove(String)
  case flush(String)
  /// A flush that failed: what was not on the disk then need never get there.
  case failedFlush(String)
}

/// What stands in the record of a run.
enum Event {
  case operation(Operation)
  /// A step of the workload was acknowledged; after it, the store is as the observation of this
  /// number says.
  case acknowledged(Int)
}
