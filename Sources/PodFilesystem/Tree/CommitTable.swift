import PodModel
import PodStore
import Synchronization

/// The commits of each session by number and by time, of which only what is new is read.
final class CommitTable: Sendable {
  private let backing: Backing
  private let state = Mutex(Generations<SessionID, Places>(limit: 64 << 20))

  /// The commits of a session at one moment.
  struct Places: Sendable {
    /// The store's number for the moment.
    fileprivate(set) var dataVersion: Int64
    /// The number of removals from the store before it was read.
    fileprivate let removals: Int64
    /// The commits, ascending.
    private(set) var all: [CommitPlace] = []
    /// Their indices, in the order of time.
    private var byTime: [Int32] = []

    /// The number of bytes of memory that it takes, about.
    fileprivate var byteCount: Int {
      all.count * (MemoryLayout<CommitPlace>.stride + MemoryLayout<Int32>.stride)
    }

    fileprivate init(dataVersion: Int64, removals: Int64) {
      self.dataVersion = dataVersion
      self.removals = removals
    }

    fileprivate mutating func append(_ new: [CommitPlace]) {
      guard !new.isEmpty else { return }
      var isSorted = true
      for place in new {
        isSorted = isSorted && byTime.last.map { all[Int($0)].time <= place.time } ?? true
        byTime.append(Int32(all.count))
        all.append(place)
      }
      // Clocks are set back at times.
      if !isSorted { byTime.sort { (all[Int($0)].time, $0) < (all[Int($1)].time, $1) } }
    }

    /// How a history can have changed.
    enum Change {
      /// There are new commits, each on the last one before it.
      case wentOn
      /// There are commits on old ones, or some were removed.
      case other
    }

    /// What is remembered of a moment, to tell how the history changed since.
    struct Mark: Sendable {
      fileprivate let removals: Int64
      fileprivate let count: Int
    }

    var mark: Mark { Mark(removals: removals, count: all.count) }

    /// How the history changed since an earlier moment; nil if it did not.
    func change(since before: Mark?) -> Change? {
      guard let before, before.removals == removals, before.count <= all.count else {
        return .other
      }
      var last = before.count == 0 ? nil : all[before.count - 1].number
      for place in all[before.count...] {
        guard place.parent == last else { return .other }
        last = place.number
      }
      return before.count == all.count ? nil : .wentOn
    }

    /// When the last commit was made.
    var lastTime: Timestamp? { all.last?.time }

    /// The commit with this number.
    func place(of number: CommitNumber) -> CommitPlace? {
      let index = all.indices.partitioningIndex { all[$0].number >= number }
      return index < all.count && all[index].number == number ? all[index] : nil
    }

    /// The names of all commits by their times, in the order of time.
    var times: [(name: String, number: CommitNumber)] {
      byTime.indices.map { (timeName(at: $0), all[Int(byTime[$0])].number) }
    }

    /// The commit that is called so by its time.
    func number(atTime name: String) -> CommitNumber? {
      let parts = name.split(separator: "Z", omittingEmptySubsequences: false)
      guard parts.count == 2, let time = Timestamp(parsing: parts[0] + "Z") else { return nil }
      var number: CommitNumber?
      if parts[1].isEmpty {
        let index = byTime.indices.partitioningIndex {
          all[Int(byTime[$0])].time.seconds >= time.seconds
        }
        if index < byTime.count { number = all[Int(byTime[index])].number }
      } else {
        number = Int64(parts[1].dropFirst()).flatMap { CommitNumber($0) }
      }
      return number.flatMap { timeName(of: $0) } == name ? number : nil
    }

    /// The name of a commit by its time: to the second and, if it is not the first one of the
    /// second, with its number.
    func timeName(of number: CommitNumber) -> String? {
      guard let place = place(of: number) else { return nil }
      let index = byTime.indices.partitioningIndex {
        let other = all[Int(byTime[$0])]
        return (other.time, other.number) >= (place.time, place.number)
      }
      return index < byTime.count ? timeName(at: index) : nil
    }

    private func timeName(at index: Int) -> String {
      let place = all[Int(byTime[index])]
      guard index > 0, all[Int(byTime[index - 1])].time.seconds == place.time.seconds else {
        return place.time.fileName
      }
      return "\(place.time.fileName)-\(place.number)"
    }
  }

  init(backing: Backing) { self.backing = backing }

  /// Returns the commits of a session now.
  func places(of session: SessionID) throws(FilesystemError) -> Places {
    let now = try backing.run { store throws(StoreError) in try store.dataVersion() }
    let known = state.withLock { $0.value(of: session) }
    if let known, known.dataVersion == now { return known }
    let removals = try backing.run { store throws(StoreError) in try store.removals() }
    var places = Places(dataVersion: now, removals: removals)
    if let known, known.removals == removals { places = known }
    places.dataVersion = now
    places.append(
      try backing.run { store throws(StoreError) in
        try store.places(of: session, after: places.all.last?.number)
      })
    state.withLock { $0.keep(places, of: session, pointee: places.byteCount) }
    return places
  }

  /// Returns where a commit is; throws `notFound` if there is none.
  func place(
    of number: CommitNumber, in session: SessionID
  ) throws(FilesystemError) -> CommitPlace {
    guard let place = try places(of: session).place(of: number) else { throw .notFound }
    return place
  }
}
