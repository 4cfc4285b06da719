import PodModel

/// What the index says of one pack as a whole.
struct PackSurvey {
  /// The key of its row.
  let row: Int64
  /// Its name.
  let name: String
  /// The number of bytes in use, also by pods that were removed since.
  let bytes: Int64
  /// Whether compaction has looked at what it holds.
  let isCold: Bool
  /// The number of its pods.
  var pods = 0
  /// Their stored bytes.
  var podBytes: Int64 = 0

  /// The bytes that would be left if it were written again.
  var neededBytes: Int64 { podBytes + Int64(pods) * 5 + Int64(PackFormat.header.count) }

  /// Whether a tenth of it or more is garbage.
  var isWasteful: Bool { pods == 0 || bytes - neededBytes > bytes / 10 }
}

extension Connection {
  /// Returns what the index says of all packs, in the order in which they were made.
  func packSurveys() throws(StoreError) -> [PackSurvey] {
    var packs = try prepare("SELECT id, name, bytes, cold FROM pack ORDER BY id")
    var surveys: [PackSurvey] = []
    var places: [Int64: Int] = [:]
    while try packs.step() {
      places[packs.integer(0)] = surveys.count
      surveys.append(
        PackSurvey(
          row: packs.integer(0), name: packs.text(1), bytes: packs.integer(2),
          isCold: packs.integer(3) != 0))
    }
    var pods = try prepare("SELECT pack, stored FROM pod")
    while try pods.step() {
      guard let place = places[pods.integer(0)] else { continue }
      surveys[place].pods += 1
      surveys[place].podBytes += pods.integer(1)
    }
    return surveys
  }

  /// Returns the rows of the pods in packs, in the order in which they stand there.
  func pods(inPacks packs: [Int64]) throws(StoreError) -> Statement {
    try prepare(
      """
      SELECT id, pack, position, stored, length, codec, base, leaf FROM pod
      WHERE pack IN (\(packs.map { String($0) }.joined(separator: ", "))) ORDER BY pack, position
      """)
  }
}

extension Statement {
  /// Reads the row of a pod; nil if its codec is not known.
  func podRow() throws(StoreError) -> PodRow? {
    guard let codec = Codec(rawValue: integer(5)) else { return nil }
    let location = PodLocation(
      pack: integer(1), position: integer(2), storedCount: Int(integer(3)),
      count: Int(integer(4)), codec: codec)
    return PodRow(
      id: try podID(0), location: location,
      base: isNull(6) ? nil : UInt64(bitPattern: integer(6)),
      isLeaf: isNull(7) ? nil : integer(7) == 1)
  }
}
