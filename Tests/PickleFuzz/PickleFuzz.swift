// Mutates pickles and pods at random and looks for those that end the process, take over a second,
// or take more memory than 16 times the input and 64 MiB.
//
//   PickleFuzz streams|pods SEED FIRST COUNT PROGRESS [FILE…]    runs inputs FIRST..<FIRST+COUNT
//   PickleFuzz show streams|pods SEED NUMBER [FILE…]             writes one input in hexadecimal
//
// An input follows from the seed, its number and the files, which hold pickles to mutate besides
// the samples. The number of the input that is being run stands in the file PROGRESS, for when the
// process ends. Exit code 1 if an input broke a limit.

import Glibc
import PodModel
import PodPickle
import PodTesting

/// Pickles or pods by number.
struct Corpus {
  /// Mutated inputs are no longer than this; the monsters have up to a third as many steps.
  private static let lengthLimit = 1 << 20

  let seed: UInt64
  private let streams: [[UInt8]]
  private let pods: [(pods: MemoryPods, root: PodID, count: Int)]

  init(seed: UInt64, files: [String]) {
    self.seed = seed
    streams = SamplePickles.all.map(\.stream) + files.compactMap { Meter.file($0) }
    pods = streams.compactMap { try? Trial.pods(of: $0) }
  }

  private func generator(_ number: Int) -> SeededGenerator {
    var mixer = SeededGenerator(seed: seed ^ UInt64(number) &* 0xD134_2543_DE82_EF95)
    return SeededGenerator(seed: mixer.next())
  }

  /// A pickle: mutated from one that is right, in its bytes or in what it holds, composed of opcodes,
  /// or made to grow.
  func stream(_ number: Int) -> [UInt8] {
    var generator = generator(number)
    let mutator = StreamMutator(limit: Self.lengthLimit)
    switch Int.random(in: 0..<200, using: &generator) {
    case 0..<40:
      let steps = Int.random(
        in: 1...(1 << Int.random(in: 2...10, using: &generator)),
        using: &generator)
      let stream = StreamComposer.compose(steps: steps, &generator)
      guard generator.next() % 4 == 0 else { return stream }
      return mutator.mutate(stream, with: sample(&generator), &generator)
    case 40:
      let bits = min(Int.random(in: 2...18, using: &generator), 6 + number % 13)
      return Monsters.make(size: Int.random(in: 1...(1 << bits), using: &generator), &generator)
    case 41..<110:
      let stream = StructureMutator().mutate(
        sample(&generator), with: sample(&generator), &generator)
      return Array(stream.prefix(Self.lengthLimit))
    default:
      return mutator.mutate(sample(&generator), with: sample(&generator), &generator)
    }
  }

  /// A pickle like `stream`, in which something else stands somewhere.
  func relative(of stream: [UInt8], _ number: Int) -> [UInt8] {
    var generator = generator(number + 1)
    return StructureMutator().mutate(stream, with: sample(&generator), &generator)
  }

  private func sample(_ generator: inout SeededGenerator) -> [UInt8] {
    // The large ones are met less often.
    let stream = streams.randomElement(using: &generator) ?? []
    guard stream.count > 4096, generator.next() % 8 != 0 else { return stream }
    return streams.randomElement(using: &generator) ?? []
  }

  /// The pods of a value, of which one to three were changed.
  func value(_ number: Int) -> (pods: MemoryPods, root: PodID, limit: Int, changed: [[UInt8]]) {
    var generator = generator(number)
    var chosen = pods[Int.random(in: pods.indices, using: &generator)]
    if chosen.count > 4096, generator.next() % 8 != 0 {
      chosen = pods[Int.random(in: pods.indices, using: &generator)]
    }
    let mutator = StreamMutator(limit: Self.lengthLimit)
    let names = chosen.pods.pods.keys.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
    var changed: [[UInt8]] = []
    for _ in 0..<Int.random(in: 1...3, using: &generator) {
      let name = names.randomElement(using: &generator) ?? chosen.root
      let other = names.randomElement(using: &generator) ?? chosen.root
      let pod = mutator.mutate(
        chosen.pods.pods[name] ?? [], with: chosen.pods.pods[other] ?? [], &generator)
      chosen.pods.pods[name] = pod
      changed.append(pod)
    }
    // A wrong size in the database must not matter either.
    let limit = generator.next() % 16 == 0 ? 1_000_000 : chosen.count
    return (chosen.pods, chosen.root, limit, changed)
  }
}

/// A run over some inputs of one kind.
struct Run {
  private static let secondsLimit = 1.0
  private static let memoryFloor = 64 << 20
  /// Inputs whose memory is measured together, as long as it is below the floor.
  private static let batch = 64
  /// Longer pickles are not compared: it would take the most time.
  private static let comparedLimit = 1 << 14

  let isPods: Bool
  let corpus: Corpus
  let meter = Meter()
  var accepted = 0
  var broken = 0
  var slowest = (seconds: 0.0, number: 0)
  var largest = (bytes: 0, number: 0)

  init(isPods: Bool, corpus: Corpus) {
    self.isPods = isPods
    self.corpus = corpus
  }

  /// Runs one input; returns the bytes that it has.
  private mutating func run(_ number: Int) -> Int {
    do {
      if isPods {
        let value = corpus.value(number)
        let size = value.pods.pods.values.reduce(0) { $0 + $1.count }
        let start = Meter.seconds
        if try Trial.join(value.pods, value.root, limit: value.limit) { accepted += 1 }
        time(number, Meter.seconds - start)
        return size
      }
      let stream = corpus.stream(number)
      let start = Meter.seconds
      if try Trial.stream(stream) {
        accepted += 1
        if stream.count < Self.comparedLimit {
          try Trial.compare(stream, corpus.relative(of: stream, number))
        }
      }
      time(number, Meter.seconds - start)
      return stream.count
    } catch {
      report(number, "\(error)")
      return 0
    }
  }

  private mutating func time(_ number: Int, _ seconds: Double) {
    if seconds > slowest.seconds { slowest = (seconds, number) }
    if seconds > Self.secondsLimit { report(number, "takes \(seconds) s") }
  }

  private mutating func report(_ number: Int, _ what: String) {
    broken += 1
    print("BROKEN \(isPods ? "pods" : "streams") \(corpus.seed) \(number): \(what)")
  }

  /// Runs the inputs; `begin` is told each number before.
  mutating func run(_ numbers: Range<Int>, begin: (Int) -> Void) {
    for start in stride(from: numbers.lowerBound, to: numbers.upperBound, by: Self.batch) {
      let batch = start..<min(start + Self.batch, numbers.upperBound)
      // A hang ends the process.
      alarm(120)
      meter.reset()
      for number in batch {
        begin(number)
        _ = run(number)
      }
      note(meter.peak, batch.lowerBound)
      guard meter.peak > Self.memoryFloor else { continue }
      for number in batch {
        meter.reset()
        begin(number)
        let before = (accepted, broken)
        let size = run(number)
        (accepted, broken) = before
        guard meter.peak > Self.memoryFloor + 16 * size else { continue }
        report(number, "takes \(meter.peak >> 20) MiB for \(size) bytes")
      }
    }
  }

  private mutating func note(_ peak: Int, _ number: Int) {
    if peak > largest.bytes { largest = (peak, number) }
  }
}

@main struct PickleFuzz {
  static func main() {
    var arguments = Array(CommandLine.arguments.dropFirst())
    let shows = arguments.first == "show"
    if shows { arguments.removeFirst() }
    let numbers = arguments.dropFirst().prefix(shows ? 2 : 3).compactMap { Int($0) }
    guard let kind = arguments.first, ["streams", "pods"].contains(kind),
      numbers.count == (shows ? 2 : 3), arguments.count >= (shows ? 3 : 5)
    else {
      print("usage: PickleFuzz [show] streams|pods SEED NUMBER [COUNT PROGRESS] [FILE…]")
      exit(2)
    }
    let files = Array(arguments.dropFirst(shows ? 3 : 5))
    let corpus = Corpus(seed: UInt64(numbers[0]), files: files)
    if shows {
      show(kind == "pods" ? corpus.value(numbers[1]).changed : [corpus.stream(numbers[1])])
      return
    }
    let progress = unsafe open(arguments[4], O_CREAT | O_WRONLY, 0o600)
    var run = Run(isPods: kind == "pods", corpus: corpus)
    let start = Meter.seconds
    run.run(numbers[1]..<(numbers[1] + numbers[2])) { number in
      var text = Array("\(number)".utf8)
      text += repeatElement(UInt8(ascii: " "), count: max(0, 20 - text.count))
      _ = unsafe pwrite(progress, text, text.count, 0)
    }
    print(
      "\(kind): \(numbers[2]) inputs from \(numbers[1]), \(run.accepted) of them values,",
      "\(run.broken) broken; \(Int(Meter.seconds - start)) s;",
      "slowest \(Int(run.slowest.seconds * 1000)) ms (\(run.slowest.number));",
      "most memory \(run.largest.bytes >> 20) MiB (\(run.largest.number) and on)")
    exit(run.broken == 0 ? 0 : 1)
  }

  private static func show(_ inputs: [[UInt8]]) {
    for input in inputs {
      let digits = input.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
      print(digits.joined())
    }
  }
}
