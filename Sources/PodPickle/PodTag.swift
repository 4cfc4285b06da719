/// The tags of trees in a pod.
///
/// A tag and its varints stand in the column of tags; what else belongs to it stands in another
/// column, see ``PodColumns``.
///
///     tree = 0                           the object of the next name's pod, an `objects` pod
///          | 1                           a hole: the wires tell which object of another pod
///          | 2 number:varint             an object of this pod
///          | 3 number:varint             a short text or global of this pod
///          | 4 kind length:varint        a long text or bytes: the blob of the next name
///          | 5 length:varint             a string; its bytes in `rest`
///          | 6 kind length:varint        a text of another kind; its bytes in `rest`
///          | 7 count:varint              `count` items of the innermost container: those of the
///                                        next name's pod, a `run`, and of the runs in it
///          | 8 module name               a global; two trees that are each 3, 5 or 192 and up
///          | 16+kind count:varint        anything else with children: `count` trees follow; a run
///                                        stands for its items
///          | opcode                      an atom, as pickle writes it (70 and up), whose argument, if
///                                        it has one, is in `ones`, `twos`, `fours` or `eights`
///          | opcode length:varint        an atom whose argument may have any length: the whole of it,
///                                        its own length or newline included, is in `rest`
///          | 192+number                  tag 3 with a number under 64
///
/// Objects are numbered in each pod, from 0, as they begin: all that has children but globals and
/// what is done to an object (items, pairs, state), and all texts that are not short strings or bytes.
/// Short strings, short bytes and globals are numbered together, from 0, as they end, and so are
/// modules and names; one that is not short is written in full wherever a global needs it. Short means
/// up to 255 bytes.
///
/// A kind is the raw value of ``ObjectGraph/Kind``.
enum PodTag {
  static let child: UInt8 = 0
  static let hole: UInt8 = 1
  static let object: UInt8 = 2
  static let text: UInt8 = 3
  static let blob: UInt8 = 4
  static let newText: UInt8 = 5
  static let otherText: UInt8 = 6
  static let run: UInt8 = 7
  static let global: UInt8 = 8
  static let node: UInt8 = 16
  static let firstAtom: UInt8 = 70
  static let shortText: UInt8 = 192
  static let shortTextCount = 64
}
