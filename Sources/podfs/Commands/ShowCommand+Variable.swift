import PodModel
import PodPickle
import PodStore

extension Report {
  /// The most lines of a cell, and names of a list, that are shown; a program gets all.
  private static let cellLimit = 12
  private static let listLimit = 6

  /// Tells about a variable.
  static func variable(at place: Place, in store: Store) throws -> Report {
    let (name, version) = try place.variable()
    let callables = try store.callables(of: version)
    let sharing = try store.sharing(of: version)
    let cell = try version.commit.flatMap { try store.cell(of: $0, in: place.session.id) }
    let companions = place.manifest.names.filter {
      $0 != name && place.manifest.versions[$0]?.coVariable == version.coVariable
    }
    var report = Report(
      json: .object([
        "name": .string(name.text), "place": .string(place.title), "value": version.summary.json,
        "time": .string("\(version.time)"), "commit": .number(orNull: version.commit?.value),
        "form": .string(version.content.form == .pickle ? "pickle" : "raw"),
        "pod": .string("\(version.content.pod)"),
        "root": .number(Int64(version.root)), "version": .number(version.id.row),
        "sharesObjectsWith": .array(companions.map { .string($0.text) }),
        "sharing": sharing.json, "cell": cell?.json ?? .null,
        "callables": callables?.json ?? .null,
      ]))
    report.addFacts(of: version, named: "\(place.title):\(name)", callables)
    report.addSharing(sharing, companions)
    report.addOrigin(of: version, cell, in: place.session)
    if let callables { report.add(callables) }
    return report
  }

  private mutating func addFacts(
    of version: Version, named name: String, _ callables: PickleCallables?
  ) {
    facts.add("variable", name)
    facts.add("type", version.summary.type)
    if !version.summary.shapeText.isEmpty { facts.add("shape", version.summary.shapeText) }
    let manner = version.content.form == .pickle ? "as objects" : "as it was written"
    facts.add("size", "\(byteText(version.summary.size)), kept \(manner)")
    if version.content.form == .raw, let callables {
      let count = countText(callables.pickleCount, "pickle")
      let rest = callables.restCount
      facts.add("file of", rest == 0 ? count : "\(count), and \(byteText(Int64(rest))) of others")
    }
    facts.add("content", "\(version.content.pod)")
  }

  private mutating func addSharing(_ sharing: VersionSharing, _ companions: [VariableName]) {
    let pods = "\(countText(sharing.podCount, "pod")), \(byteText(sharing.storedBytes)) stored"
    let unique =
      sharing.uniquePodCount == 0
      ? "no other value is without them"
      : "\(sharing.uniquePodCount) of them, \(byteText(sharing.uniqueBytes)), for this value alone"
    facts.add("pods", "\(pods); \(unique)")
    for (index, holder) in sharing.holders.prefix(Self.listLimit).enumerated() {
      facts.add(index == 0 ? "value of" : "", holder.phrase)
    }
    addCount(sharing.holders.count - Self.listLimit)
    for (index, relative) in sharing.relatives.prefix(Self.listLimit).enumerated() {
      facts.add(index == 0 ? "pods also of" : "", "\(relative)")
    }
    addCount(sharing.relatives.count - Self.listLimit)
    if !companions.isEmpty {
      facts.add("shares with", companions.map(\.text).joined(separator: ", "))
    }
  }

  private mutating func addCount(_ count: Int) {
    if count > 0 { facts.add("", "… and \(count) more") }
  }

  private mutating func addOrigin(of version: Version, _ cell: Cell?, in session: Session) {
    let origin = version.commit.map { "in \(session.name)@\($0)" } ?? "not committed yet"
    facts.add("written", "\(version.time), \(origin)")
    guard let cell else { return }
    var lines = Array(cell.source.printableLines.prefix(Self.cellLimit))
    let left = cell.source.printableLines.count - lines.count
    if left > 0 { lines.append("… and \(countText(left, "line")) more") }
    add("cell\(cell.caption)", lines)
  }

  private mutating func add(_ callables: PickleCallables) {
    add(
      "WARNING: loading it may do anything, by what it imports or calls",
      callables.lines(.dangerous))
    add("not known to be safe", callables.lines(.unknown))
    add("code that is stored in it", callables.lines(.ownCode))
    add("known to be safe", callables.lines(.safe))
  }
}

extension VersionSharing.Holder {
  /// A name and its commits: `alice:df in commits 2-5, 8`.
  fileprivate var phrase: String {
    var phrase = "\(session):\(name)"
    if !commits.isEmpty {
      phrase += " in \(commits.count == 1 ? "commit" : "commits") \(ranges)"
    }
    return isInWorkspace ? phrase + (commits.isEmpty ? " in the workspace" : ", workspace") : phrase
  }

  /// The numbers of the commits, with stretches of them as ranges; the first few.
  private var ranges: String {
    var ranges: [ClosedRange<Int64>] = []
    for number in commits.map(\.value) {
      if let last = ranges.last, last.upperBound >= number - 1 {
        ranges[ranges.count - 1] = last.lowerBound...max(last.upperBound, number)
      } else {
        ranges.append(number...number)
      }
    }
    let shown = ranges.prefix(8).map { range in
      range.count == 1 ? "\(range.lowerBound)" : "\(range.lowerBound)-\(range.upperBound)"
    }
    return shown.joined(separator: ", ") + (ranges.count > 8 ? " …" : "")
  }
}

extension VersionSharing {
  fileprivate var json: JSON {
    .object([
      "pods": .number(Int64(podCount)), "storedBytes": .number(storedBytes),
      "uniquePods": .number(Int64(uniquePodCount)), "uniqueBytes": .number(uniqueBytes),
      "sameValue": .array(
        holders.map { holder in
          .object([
            "session": .string(holder.session.text), "name": .string(holder.name.text),
            "commits": .array(holder.commits.map { .number($0.value) }),
            "workspace": .bool(holder.isInWorkspace),
          ])
        }),
      "samePods": .array(relatives.map { .string("\($0)") }),
    ])
  }
}

extension Store {
  /// Returns what unpickling a version would import and call; nil for a file that is no pickle.
  fileprivate func callables(of version: Version) throws -> PickleCallables? {
    let content = try open(version)
    let callables = try PickleCallables(ofFile: Int(content.size)) {
      offset, count throws(StoreError) in
      try content.read(at: Int64(offset), count: count)
    }
    return version.content.form == .pickle || callables.isPickle ? callables : nil
  }
}

extension PickleCallables {
  /// The callables of a sort, as lines for a person.
  fileprivate func lines(_ verdict: PickleCallable.Verdict) -> [String] {
    var table = Table()
    for callable in list where callable.verdict == verdict {
      table.add(callable.name, callable.isCalled ? "called" : "")
    }
    return table.lines
  }

  fileprivate var json: JSON {
    .object([
      "pickles": .number(Int64(pickleCount)), "otherBytes": .number(Int64(restCount)),
      "isCut": .bool(isCut),
      "list": .array(
        list.map {
          .object([
            "name": .string($0.name), "verdict": .string($0.verdict.word),
            "called": .bool($0.isCalled),
          ])
        }),
    ])
  }
}

extension PickleCallable.Verdict {
  /// The word for a program.
  fileprivate var word: String {
    switch self {
    case .safe: "safe"
    case .ownCode: "stored code"
    case .unknown: "unknown"
    case .dangerous: "dangerous"
    }
  }
}
