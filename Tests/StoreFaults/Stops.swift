import PodTesting

/// How a run is stopped.
enum StopKind: String, CaseIterable {
  /// The process is killed; what it wrote stays.
  case killed
  /// The process is killed in the middle of a write.
  case torn
  /// The power fails, and all is lost that was not flushed.
  case unflushed
  /// The power fails, and names got to the disk but not the bytes of their files.
  case names
  /// The power fails, and any of what was not flushed is lost, whole or in part.
  case scattered
}

/// Stops of recorded runs at every change that they make.
struct Stops {
  let scratch: String
  /// How many stops were survived, by kind.
  private(set) var survived: [StopKind: Int] = [:]
  private var number = 0

  /// How many runs begin with what the one before left, before a new store is made.
  private static let runsPerStore = 3
  private static let steps = 24
  /// About as many different stops as a run has.
  private static let stopsPerRun = 3000

  init(scratch: String) { self.scratch = scratch }

  var total: Int { survived.values.reduce(0, +) }

  /// Records runs and stops them until there were `limit` stops: behind every change, or, if so many
  /// are not wanted, behind some of a whole run.
  mutating func run(limit: Int, seed: UInt64) throws(Failure) {
    var (image, observation, step) = (Image(), Observation(), 0)
    var run = 0
    while total < limit {
      if run % Self.runsPerStore == 0 { (image, observation, step) = (Image(), Observation(), 0) }
      let recording = try Recording(
        at: "\(scratch)/recorded\(run)", start: image, observation: observation,
        seed: seed &+ UInt64(run / Self.runsPerStore), firstStep: step, steps: Self.steps)
      var random = SeededGenerator(seed: seed ^ UInt64(run) << 32)
      (image, observation) = try stop(recording, limit: limit, &random)
      step += Self.steps
      run += 1
    }
  }

  /// Stops a run; returns one of the states that were survived.
  private mutating func stop(
    _ recording: Recording, limit: Int, _ random: inout SeededGenerator
  ) throws(Failure) -> (Image, Observation) {
    var disk = Disk(recording.start)
    var seen: Set<Int> = []
    var kept = (image: recording.start, observation: recording.observations[0])
    for (index, event) in recording.events.enumerated() where total < limit {
      if case .acknowledged = event { seen.removeAll() }
      guard
        limit >= Self.stopsPerRun
          || Int.random(in: 0..<Self.stopsPerRun, using: &random) < limit
      else {
        if case .operation(let operation) = event { disk.apply(operation) }
        continue
      }
      let allowed = recording.allowed(after: index)
      for (kind, image) in images(&disk, event, &random) where total < limit {
        // The same state twice is one stop.
        guard seen.insert(image.hashValue).inserted else { continue }
        let found: Observation
        do throws(Failure) { found = try survive(image, allowed) } catch {
          throw try loss(
            error, image,
            "seed \(recording.seed), step \(recording.firstStep), "
              + "event \(index), \(kind.rawValue)")
        }
        survived[kind, default: 0] += 1
        if random.next() % 300 == 0 { kept = (image, found) }
      }
    }
    return kept
  }

  private func images(
    _ disk: inout Disk, _ event: Event, _ random: inout SeededGenerator
  ) -> [(StopKind, Image)] {
    var images: [(StopKind, Image)] = []
    if case .operation(let operation) = event {
      if let torn = disk.tornImage(operation, &random) { images.append((.torn, torn)) }
      disk.apply(operation)
    }
    images.append((.killed, disk.liveImage))
    images.append((.unflushed, disk.durableImage))
    images.append((.names, disk.namesImage(&random)))
    images.append((.scattered, disk.scatteredImage(&random)))
    return images
  }

  private mutating func survive(
    _ image: Image, _ allowed: [Observation]
  ) throws(Failure) -> Observation {
    number += 1
    let path = "\(scratch)/stop\(number)"
    try image.write(to: path)
    let found = try Verification.verify(path, allowed: allowed)
    try Scratch.remove(path)
    return found
  }

  /// Leaves the state that was not survived for a closer look.
  private func loss(_ error: Failure, _ image: Image, _ place: String) throws(Failure) -> Failure {
    let path = "\(scratch)/lost"
    try image.write(to: path)
    return Failure("\(place): \(error); the state is in \(path)")
  }
}
