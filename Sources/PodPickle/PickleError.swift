public import PodModel

/// The reasons bytes are no pickle, or no pods of one.
public enum PickleError: Error, Equatable {
  /// The bytes end in the middle of something that begins before `offset`.
  case truncated(offset: Int)
  /// The byte at `offset` is no opcode of protocols 0 to 5.
  case unknownOpcode(UInt8, offset: Int)
  /// What stands at `offset` breaks a rule of the pickle machine.
  case malformed(offset: Int, reason: String)
  /// The stream is a pickle, but one that CPython's pickler does not write; it is kept as bytes.
  case irregular(offset: Int, reason: String)
  /// A pod is no part of a pickled value.
  case badPod(PodID, reason: String)
  /// The value has more objects than the limit; it is damaged or made to exhaust memory.
  case tooLarge(limit: Int)
}

extension PickleError: CustomStringConvertible {
  /// One line for a person: what is wrong and where.
  public var description: String {
    switch self {
    case .truncated(let offset): "the pickle ends in the middle of an opcode at byte \(offset)"
    case .unknownOpcode(let opcode, let offset):
      "no pickle: byte \(offset) is \(opcode), which is no opcode"
    case .malformed(let offset, let reason): "no pickle: \(reason) at byte \(offset)"
    case .irregular(let offset, let reason): "an unusual pickle: \(reason) at byte \(offset)"
    case .badPod(let id, let reason): "pod \(id) is malformed: \(reason); run 'podfs check --data'"
    case .tooLarge(let limit): "the value has more than \(limit) objects; run 'podfs check --data'"
    }
  }
}
