import PodStore

/// A run of the workload: what it did to the directory, and what could be read after each step.
struct Recording {
  /// What was there before.
  let start: Image
  let seed: UInt64
  let firstStep: Int
  private(set) var events: [Event] = []
  /// What could be read before the first step, and after each.
  private(set) var observations: [Observation]

  /// Where the store is in the watched directory: its parents are made with it.
  static let storePath = "data/pods/store"

  /// Runs steps from `firstStep` on in a new directory at `path`; `acknowledge` is told of each.
  init(
    at path: String, start: Image, observation: Observation, seed: UInt64, firstStep: Int,
    steps: Int, fault: Fault? = nil, acknowledge: () -> Void = {}
  ) throws(Failure) {
    self.start = start
    self.seed = seed
    self.firstStep = firstStep
    observations = [observation]
    try start.write(to: path)
    Tap.watch(path)
    Tap.set(fault)
    do throws(StoreError) { try run(steps, at: path, acknowledge) } catch {
      _ = Tap.unwatch()
      throw Failure("seed \(seed), step \(firstStep + observations.count - 1): \(error)")
    }
    events = Tap.unwatch()
    var disk = Disk(start)
    for case .operation(let operation) in events { disk.apply(operation) }
    guard try disk.liveImage == Image(of: path) else {
      throw Failure("seed \(seed): the record of the calls does not lead to what is in \(path)")
    }
    try Scratch.remove(path)
  }

  private mutating func run(
    _ steps: Int, at path: String, _ acknowledge: () -> Void
  ) throws(StoreError) {
    var workload = Workload(path: path + "/" + Self.storePath, seed: seed)
    var values = Values()
    for step in firstStep..<(firstStep + steps) {
      try workload.run(step, present: observations[observations.count - 1])
      Tap.acknowledge(observations.count)
      acknowledge()
      let observation = try workload.observation(&values)
      observations.append(observation)
      if let sealed = workload.sealed,
        observation.sessions[sealed.session]?.workspace[sealed.name] != sealed.value
      {
        throw .invalidCommit(reason: "'\(sealed.name)' is not what was sealed")
      }
    }
  }

  /// What may be read after a stop behind event `index`: what was acknowledged, and if more was
  /// being done, that too.
  func allowed(after index: Int) -> [Observation] {
    var acknowledged = 0
    var isBusy = false
    for event in events[...index] {
      switch event {
      case .operation: isBusy = true
      case .acknowledged(let number):
        acknowledged = number
        isBusy = false
      }
    }
    let last = isBusy ? min(acknowledged + 1, observations.count - 1) : acknowledged
    return Array(observations[acknowledged...last])
  }
}
