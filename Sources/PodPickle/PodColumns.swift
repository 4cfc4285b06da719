/// The trees of the pods that are being written, by columns.
///
///     columns = length:varint×6 tags ones twos fours eights rest
///
/// The lengths are those of the columns in bytes. What is alike stands together so, and compresses
/// far better than trees one after another. `ones` to `eights` hold arguments of 1 to 8 bytes.
///
/// The trees of a pod stand behind those of the pods around it, until they are taken.
struct PodColumns: ~Copyable {
  var tags = GrowingBytes()
  private var ones = GrowingBytes()
  private var twos = GrowingBytes()
  private var fours = GrowingBytes()
  private var eights = GrowingBytes()
  private var rest = GrowingBytes()

  /// Where the columns of a pod begin.
  struct Start: BitwiseCopyable {
    fileprivate var tags = 0
    fileprivate var ones = 0
    fileprivate var twos = 0
    fileprivate var fours = 0
    fileprivate var eights = 0
    fileprivate var rest = 0
  }

  /// Where the columns of a pod begin that is opened now.
  var end: Start {
    Start(
      tags: tags.count, ones: ones.count, twos: twos.count, fours: fours.count,
      eights: eights.count, rest: rest.count)
  }

  /// Moves the columns of the innermost pod, which begin at `start`, to the end of `output`.
  mutating func move(from start: Start, to output: inout [UInt8]) {
    output.append(varint: tags.count - start.tags)
    output.append(varint: ones.count - start.ones)
    output.append(varint: twos.count - start.twos)
    output.append(varint: fours.count - start.fours)
    output.append(varint: eights.count - start.eights)
    output.append(varint: rest.count - start.rest)
    tags.move(from: start.tags, to: &output)
    ones.move(from: start.ones, to: &output)
    twos.move(from: start.twos, to: &output)
    fours.move(from: start.fours, to: &output)
    eights.move(from: start.eights, to: &output)
    rest.move(from: start.rest, to: &output)
  }

  /// Adds an atom: its opcode and argument.
  @inline(__always)
  mutating func append(atom payload: BorrowedBytes) {
    let opcode = payload[0]
    tags.append(opcode)
    let argument = payload.dropFirst(1)
    switch opcode {
    case Opcode.binInt1, Opcode.extension1: ones.append(argument)
    case Opcode.none, Opcode.newTrue, Opcode.newFalse: break
    case Opcode.binInt2, Opcode.extension2: twos.append(argument)
    case Opcode.binInt, Opcode.extension4: fours.append(argument)
    case Opcode.binFloat: eights.append(argument)
    default:
      tags.append(varint: argument.count)
      rest.append(argument)
    }
  }

  /// Adds a text of the kind `kind` in full.
  @inline(__always)
  mutating func append(_ kind: ObjectGraph.Kind, _ text: BorrowedBytes) {
    if kind == .string {
      tags.append(PodTag.newText)
    } else {
      tags.append(PodTag.otherText)
      tags.append(kind.rawValue)
    }
    tags.append(varint: text.count)
    rest.append(text)
  }
}
