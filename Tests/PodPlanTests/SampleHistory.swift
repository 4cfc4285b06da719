import PodModel
import PodPlan
import Testing

/// A history in memory, with a cell for each commit.
struct SampleHistory {
  var runs: [Int64: CellRun] = [:]
  /// What each commit binds: the commit that introduced the version of each name.
  private(set) var bound: [Int64: [VariableName: CommitNumber]] = [:]

  /// Adds a commit on top of another, most often the last one.
  mutating func add(
    on parent: Int64? = nil, reads: [String] = [], bound: [String] = [], changing: [String] = [],
    unsaved: [String] = []
  ) throws {
    let parent = parent ?? Int64(runs.count)
    let number = try #require(CommitNumber(Int64(runs.count) + 1))
    var run = CellRun(number: number, parent: CommitNumber(parent))
    let read = Set(try reads.map { try VariableName($0) })
    run.source = "cell \(number)"
    run.reads = CellReads(read, bound: Set(try bound.map { try VariableName($0) }))
    run.unsaved = Set(try unsaved.map { try VariableName($0) })
    run.changed = Set(try (bound + changing).map { try VariableName($0) }).subtracting(run.unsaved)
    run.taken = (self.bound[parent] ?? [:]).filter { read.contains($0.key) }
    run.takenUnsaved = read.intersection(runs[parent]?.unsaved ?? [])
    runs[number.value] = run
    var present = (self.bound[parent] ?? [:]).filter { !run.unsaved.contains($0.key) }
    for name in run.changed { present[name] = number }
    self.bound[number.value] = present
  }

  /// The steps to a value that the last commit has: `3: a b -> c`.
  func phrases(of name: String, followingStored: Bool = true) throws -> [String] {
    let name = try VariableName(name)
    let number = Int64(runs.count)
    guard let origin = bound[number]?[name] else { return [] }
    return try phrases(of: name.text, in: number, from: origin.value, followingStored)
  }

  func phrases(
    of name: String, in number: Int64, from origin: Int64, _ followingStored: Bool = true
  ) throws -> [String] {
    let origin = try #require(CommitNumber(origin))
    return Lineage(
      of: [try VariableName(name): origin], in: try #require(CommitNumber(number)),
      followingStored: followingStored
    ) { number, _ in runs[number.value] }.steps.map(Self.phrase)
  }

  /// The steps to a value that a commit could not keep.
  func phrases(ofUnsaved name: String, in number: Int64) throws -> [String] {
    let number = try #require(CommitNumber(number))
    return Lineage(of: [:], unsaved: [try VariableName(name)], in: number) { number, _ in
      runs[number.value]
    }.steps.map(Self.phrase)
  }

  /// Why the steps to a value of the last commit do not know what lies before them.
  func ends(of name: String) throws -> [Int64: Lineage.End] {
    let name = try VariableName(name)
    let number = try #require(CommitNumber(Int64(runs.count)))
    let origin = try #require(bound[number.value]?[name])
    let lineage = Lineage(of: [name: origin], in: number) { number, _ in runs[number.value] }
    return Dictionary(
      uniqueKeysWithValues: lineage.steps.compactMap { step in
        step.end.map { (step.run.number.value, $0) }
      })
  }

  private static func phrase(_ step: Lineage.Step) -> String {
    let taken = Set(step.run.taken.keys).union(step.run.takenUnsaved).sorted().map(\.text)
    let given = step.gives.sorted().map(\.text).joined(separator: " ")
    let from = taken.isEmpty ? "" : taken.joined(separator: " ") + " -> "
    return "\(step.run.number): \(from)\(given)"
  }

  /// What a version comes from, each as `commit name`, found by following each name by itself.
  func naive(_ name: VariableName, _ origin: CommitNumber) -> Set<String> {
    var found: Set<String> = []
    var pending = [(name, origin)]
    while let (name, origin) = pending.popLast() {
      guard found.insert("\(origin) \(name)").inserted else { continue }
      let run = runs[origin.value]
      for read in run?.reads?.names ?? [] {
        if let parent = run?.parent, let before = bound[parent.value]?[read] {
          pending.append((read, before))
        }
      }
    }
    return found
  }
}

/// Random numbers that are the same for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func next() -> UInt64 {
    state ^= state << 13
    state ^= state >> 7
    state ^= state << 17
    return state
  }
}
