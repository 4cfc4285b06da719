/// The first byte of a tree in a pod.
///
///     tree = 0                                the object of the next pod among the names;
///                                             in a container, the items of the next pod, a run
///          | 1                                a hole: the wiring tells which object of another pod
///          | 2 number:varint                  an object of this pod, counted from 0 as they begin
///          | 3 number:varint                  a short text or global of this pod, likewise
///          | 4 kind length:varint             a long text or bytes: the blob of the next name
///          | 5 kind length:varint bytes       a text or bytes
///          | 16+kind count:varint tree×count  anything with children; a run counts as its items
///          | opcode argument                  an atom, as pickle writes it (70 and up)
///          | 192+number                       tag 3 with a number under 64
///
/// A kind is the raw value of ``ObjectGraph/Kind``.
enum PodTag {
  static let child: UInt8 = 0
  static let hole: UInt8 = 1
  static let object: UInt8 = 2
  static let text: UInt8 = 3
  static let blob: UInt8 = 4
  static let newText: UInt8 = 5
  static let node: UInt8 = 16
  static let firstAtom: UInt8 = 70
  static let shortText: UInt8 = 192
  static let shortTextCount = 64
}
