import Glibc
import PodModel
import PodStore
import PodTesting

/// What a call fails with while the process goes on.
enum FaultKind: String, CaseIterable {
  /// One call finds the disk full.
  case fullOnce = "full once"
  /// All calls that need room find the disk full, until there is room.
  case full
  /// A write finds room for half of it, and the disk is full then.
  case shortWrite = "short write"
  /// One call fails, as on a bad sector.
  case badOnce = "bad once"
  /// All calls fail that change something, until the disk is mended.
  case bad
  /// The disk went read-only.
  case readOnly = "read-only"
  /// One call that reads fails.
  case badReading = "bad reading"

  /// The fault that begins at call `first`.
  func fault(from first: Int) -> Fault {
    switch self {
    case .fullOnce: Fault(first: first, last: first, effect: .error(ENOSPC), kinds: Fault.growing)
    case .full: Fault(first: first, last: .max, effect: .error(ENOSPC), kinds: Fault.growing)
    case .shortWrite:
      Fault(first: first, last: .max, effect: .shortWrite(ENOSPC), kinds: Fault.growing)
    case .badOnce: Fault(first: first, last: first, effect: .error(EIO), kinds: Fault.changes)
    case .bad: Fault(first: first, last: .max, effect: .error(EIO), kinds: Fault.changes)
    case .readOnly: Fault(first: first, last: .max, effect: .error(EROFS), kinds: Fault.writing)
    case .badReading: Fault(first: first, last: first, effect: .error(EIO), kinds: Fault.reading)
    }
  }

  /// Whether the next call fails too.
  var lasts: Bool { fault(from: 0).last == .max }

  /// Whether an error says what is wrong.
  func explains(_ error: StoreError) -> Bool {
    switch (self, error) {
    case (.fullOnce, .diskFull), (.full, .diskFull), (.shortWrite, .diskFull): true
    case (.readOnly, .readOnly): true
    // SQLite may forget what it was, and the next call works.
    case (.fullOnce, .io), (.badOnce, .io(call: "open", _, ENOENT)): true
    case (.badOnce, .io(_, _, EIO)), (.bad, .io(_, _, EIO)), (.badReading, .io(_, _, EIO)): true
    default: false
    }
  }
}

/// Faults in every call of a run that goes on afterwards.
struct Injections {
  let scratch: String
  private(set) var survived: [FaultKind: Int] = [:]
  /// How many of the steps failed; the others had no need of what failed.
  private(set) var failed: [FaultKind: Int] = [:]
  private let recording: Recording
  /// The directory before each step.
  private var boundaries: [Image] = [Image()]
  private var number = 0

  private static let steps = 40
  /// How many steps before the fault are done in the same process.
  private static let warmUp = 2

  private struct Candidate {
    let kind: FaultKind
    let step: Int
    let call: Int
  }

  init(scratch: String, seed: UInt64) throws(Failure) {
    self.scratch = scratch
    recording = try Recording(
      at: scratch + "/recorded", start: Image(), observation: Observation(), seed: seed,
      firstStep: 0, steps: Self.steps + 1)
    var disk = Disk()
    for event in recording.events {
      switch event {
      case .operation(let operation): disk.apply(operation)
      case .acknowledged: boundaries.append(disk.liveImage)
      }
    }
  }

  var total: Int { survived.values.reduce(0, +) }

  /// Lets calls fail, one fault at a time, until `limit` faults happened or every call failed in
  /// every way.
  mutating func run(limit: Int) throws(Failure) {
    var random = SeededGenerator(seed: recording.seed)
    for candidate in candidates().shuffled(using: &random) where total < limit {
      do throws(Failure) { try inject(candidate) } catch {
        throw Failure(
          "seed \(recording.seed), step \(candidate.step), call \(candidate.call), "
            + "\(candidate.kind.rawValue): \(error)")
      }
    }
  }

  private func candidates() -> [Candidate] {
    var calls = [0]
    for event in recording.events {
      switch event {
      case .operation: calls[calls.count - 1] += 1
      case .acknowledged: calls.append(0)
      }
    }
    // A few calls are not in the record, such as those of the index of the log, or reading.
    return (0..<Self.steps).flatMap { step in
      FaultKind.allCases.flatMap { kind in
        (0..<(calls[step] + 5)).map { Candidate(kind: kind, step: step, call: $0) }
      }
    }
  }

  private mutating func inject(_ candidate: Candidate) throws(Failure) {
    number += 1
    let path = "\(scratch)/fault\(number)"
    let first = max(0, candidate.step - Self.warmUp)
    try boundaries[first].write(to: path)
    var trial = Trial(path: path, recording: recording)
    Tap.watch(path)
    let wasHit: Bool
    do throws(StoreError) {
      wasHit = try trial.run(candidate.kind, candidate.call, first: first, step: candidate.step)
    } catch {
      _ = Tap.unwatch()
      throw Failure("\(trial.phase): \(error)")
    }
    let events = Tap.unwatch()
    trial.close()
    try Scratch.remove(path)
    guard wasHit else { return }
    try cutPower(events, Disk(boundaries[first]), trial)
    survived[candidate.kind, default: 0] += 1
    if trial.error != nil { failed[candidate.kind, default: 0] += 1 }
  }

  /// What was acknowledged after the fault, with the same process, survives a power cut; and a kill
  /// right after the error leaves the step done or not done.
  private func cutPower(_ events: [Event], _ start: Disk, _ trial: Trial) throws(Failure) {
    var disk = start
    for (index, event) in events.enumerated() {
      if case .operation(let operation) = event { disk.apply(operation) }
      if index + 1 == trial.eventsAtError {
        try verify(disk.liveImage, allowed: trial.allowedAfterError, "killed after the error")
        // While a fault lasts, no mark can be written for the next process.
        if !trial.faultLasts { try goOn(after: disk) }
      }
    }
    try verify(disk.durableImage, allowed: [trial.last], "power cut after the next saves")
  }

  /// What the next process acknowledges survives a power cut, too.
  private func goOn(after stopped: Disk) throws(Failure) {
    let path = "\(scratch)/next\(number)"
    try stopped.liveImage.write(to: path)
    Tap.watch(path)
    let saved: Observation
    do throws(StoreError) {
      let store = try Store(creatingAt: path + "/" + Recording.storePath)
      try Verification.save(to: store, Observation(of: store))
      saved = try Observation(of: store)
    } catch {
      _ = Tap.unwatch()
      throw Failure("the next process: \(error)")
    }
    var disk = stopped
    for case .operation(let operation) in Tap.unwatch() { disk.apply(operation) }
    try Scratch.remove(path)
    try verify(disk.durableImage, allowed: [saved], "power cut after the next process")
  }

  private func verify(
    _ image: Image, allowed: [Observation], _ what: String
  ) throws(Failure) {
    let path = "\(scratch)/after\(number)"
    try image.write(to: path)
    do throws(Failure) { _ = try Verification.verify(path, allowed: allowed) } catch {
      try Scratch.remove(path)
      try image.write(to: path)
      throw Failure("\(what): \(error); the state is in \(path)")
    }
    try Scratch.remove(path)
  }
}

/// One fault in one step, and what comes after it in the same process.
private struct Trial {
  private let recording: Recording
  private var workload: Workload
  private var values = Values()
  /// What is being done, for errors.
  private(set) var phase = "before the fault"
  private(set) var error: StoreError?
  private(set) var faultLasts = false
  /// How long the record was when the step failed.
  private(set) var eventsAtError = -1
  private(set) var allowedAfterError: [Observation] = []
  /// What could be read in the end.
  private(set) var last = Observation()

  init(path: String, recording: Recording) {
    self.recording = recording
    workload = Workload(path: path + "/" + Recording.storePath, seed: recording.seed)
  }

  /// Does the steps from `first` on, with a fault in call `call` of `step`; returns whether there
  /// was such a call.
  mutating func run(
    _ kind: FaultKind, _ call: Int, first: Int, step: Int
  ) throws(StoreError) -> Bool {
    if first > 0 { try workload.reopen() }
    for before in first..<step { try workload.run(before, present: observation(before)) }
    phase = "the fault"
    faultLasts = kind.lasts
    Tap.set(kind.fault(from: call))
    error = failure(of: step)
    guard Tap.hits > 0 else { return false }
    if let error {
      eventsAtError = Tap.count
      allowedAfterError = [observation(step), observation(step + 1)]
      try expect(kind, error)
      if kind.lasts {
        phase = "while it lasts"
        if kind != .bad { try expect(step) }
        guard let second = failure(of: step) else {
          throw .invalidCommit(reason: "the step worked though the fault lasts")
        }
        try expect(kind, second)
      }
      Tap.set(nil)
      phase = "once it is over"
      try expect(step)
      phase = "the step once more"
      try workload.run(step, present: observation(step))
    }
    Tap.set(nil)
    try expect(step + 1)
    phase = "the next step"
    try workload.run(step + 1, present: observation(step + 1))
    last = try workload.observation(&values)
    try expect(step + 2)
    phase = "opened anew"
    try workload.reopen()
    try expect(step + 2)
    return true
  }

  /// Closes the store.
  mutating func close() { workload.close() }

  private func observation(_ step: Int) -> Observation {
    recording.observations[step].withoutDigests
  }

  private mutating func failure(of step: Int) -> StoreError? {
    do throws(StoreError) { try workload.run(step, present: observation(step)) } catch {
      return error
    }
    return nil
  }

  private func expect(_ kind: FaultKind, _ error: StoreError) throws(StoreError) {
    guard !kind.explains(error) else { return }
    throw .invalidCommit(reason: "the error does not tell what is wrong: \(error)")
  }

  /// Expects the store to be sound, and what the recorded run had before `step`.
  private mutating func expect(_ step: Int) throws(StoreError) {
    guard workload.isOpen else { return }
    let findings = try workload.findings()
    guard findings.isEmpty else {
      throw .invalidCommit(reason: "damage: " + findings.prefix(3).joined(separator: "; "))
    }
    let found = try workload.observation(&values).withoutDigests
    guard found == observation(step) else {
      throw .invalidCommit(
        reason: "it differs: " + found.difference(from: observation(step)))
    }
  }
}
