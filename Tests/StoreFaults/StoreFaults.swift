// Proves that a store keeps what it acknowledged, whatever stops the process or fails on the disk.
//
//   StoreFaults SCRATCH SEED STOPS [FAULTS [KILLS]]
//
// Stops records of runs in STOPS different states, lets FAULTS calls of processes fail that go on,
// and kills KILLS processes; the directory SCRATCH is for what they leave. Exit code 1 at the first
// loss, which is printed.

import Glibc

@main struct StoreFaults {
  static func main() {
    let arguments = Array(CommandLine.arguments.dropFirst())
    do throws(Failure) {
      if arguments.first == "child" { return try child(arguments.dropFirst()) }
      try run(arguments)
    } catch {
      print("LOST \(error)")
      exit(1)
    }
  }

  private static func child(_ arguments: ArraySlice<String>) throws(Failure) {
    let numbers = arguments.dropFirst().compactMap { UInt64($0) }
    guard let path = arguments.first, numbers.count == 3 else { usage() }
    try Kills.child(path, seed: numbers[0], call: Int(numbers[1]), tears: numbers[2] == 1)
  }

  private static func run(_ arguments: [String]) throws(Failure) {
    let numbers = arguments.dropFirst().compactMap { UInt64($0) } + [0, 0]
    guard arguments.count >= 3, arguments.count == numbers.count - 1 else { usage() }
    let (scratch, seed) = (arguments[0], numbers[0])
    var clock = Clock()

    var stops = Stops(scratch: scratch)
    try stops.run(limit: Int(numbers[1]), seed: seed)
    for kind in StopKind.allCases { row("stopped, " + kind.rawValue, stops.survived[kind] ?? 0) }
    row("stopped", stops.total, "in \(clock.lap()) s")

    let faults = Int(numbers[2])
    if faults > 0 {
      var injections = try Injections(scratch: scratch, seed: seed)
      try injections.run(limit: faults)
      for kind in FaultKind.allCases {
        let failed = injections.failed[kind] ?? 0
        row("failed, " + kind.rawValue, injections.survived[kind] ?? 0, "\(failed) with an error")
      }
      row("failed", injections.total, "in \(clock.lap()) s")
    }
    if numbers[3] > 0 {
      var kills = Kills(scratch: scratch)
      try kills.run(count: Int(numbers[3]), seed: seed)
      row("killed processes", kills.survived, "in \(clock.lap()) s")
    }
  }

  private static func row(_ name: String, _ count: Int, _ rest: String = "") {
    let padding = String(repeating: " ", count: max(1, 32 - name.count - "\(count)".count))
    print(name + padding + "\(count)  " + rest)
  }

  private static func usage() -> Never {
    print("usage: StoreFaults SCRATCH SEED STOPS [FAULTS [KILLS]]")
    exit(2)
  }
}

/// Seconds since the last lap.
private struct Clock {
  private var start = time(nil)

  mutating func lap() -> Int {
    defer { start = time(nil) }
    return time(nil) - start
  }
}
