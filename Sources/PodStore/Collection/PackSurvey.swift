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
  /// Some of its pods that might shrink.
  var samples: [PodRow] = []

  static let sampleCount = 16

  /// The bytes that would be left if it were written again.
  var neededBytes: Int64 { podBytes + Int64(pods) * 5 + Int64(PackFormat.header.count) }

  /// Whether it should be put together with others.
  var isSmall: Bool { bytes < 16 << 20 }

  /// Whether a tenth of it or more is garbage.
  var isWasteful: Bool { pods == 0 || bytes - neededBytes > bytes / 10 }
}

extension Connection {
  /// Returns all packs in the order in which they were made, without a look at their pods.
  func packSurveys() throws(StoreError) -> [PackSurvey] {
    var select = try prepare("SELECT id, name, bytes, cold FROM pack ORDER BY id")
    var surveys: [PackSurvey] = []
    while try select.step() {
      surveys.append(
        PackSurvey(
          row: select.integer(0), name: try select.packName(1), bytes: try select.byteCount(2),
          isCold: select.integer(3) != 0))
    }
    return surveys
  }

  /// Counts the pods of packs, and takes samples of those that compaction has not looked at.
  func survey(_ surveys: inout [PackSurvey]) throws(StoreError) {
    var places: [Int64: Int] = [:]
    for (place, survey) in surveys.enumerated() { places[survey.row] = place }
    var select = try prepare("SELECT \(Self.podColumns) FROM pod")
    while try select.step() {
      guard let place = places[select.integer(1)] else { continue }
      surveys[place].pods += 1
      surveys[place].podBytes += select.integer(3)
      // Names are digests, so the first in their order are anywhere in the pack.
      if !surveys[place].isCold, surveys[place].samples.count < PackSurvey.sampleCount,
        let pod = try select.podRow(), Recompressor.mayShrink(pod)
      {
        surveys[place].samples.append(pod)
      }
    }
  }

  private static let podColumns = "id, pack, position, stored, length, codec, base, leaf"

  /// Returns the rows of pods in packs, in the order in which they stand there, behind a place.
  func pods(
    inPacks packs: [Int64], behind place: PodLocation?, limit: Int
  ) throws(StoreError) -> (pods: [PodRow], unreadable: Set<Int64>) {
    let list = packs.map { String($0) }.joined(separator: ", ")
    var select = try prepare(
      """
      SELECT \(Self.podColumns) FROM pod
      WHERE pack IN (\(list)) AND (pack > ?1 OR (pack = ?1 AND position > ?2))
      ORDER BY pack, position LIMIT ?3
      """, place?.pack ?? 0, place?.position ?? 0, Int64(limit))
    var pods: [PodRow] = []
    var unreadable: Set<Int64> = []
    while try select.step() {
      if let pod = try select.podRow() {
        pods.append(pod)
      } else {
        unreadable.insert(select.integer(1))
      }
    }
    return (pods, unreadable)
  }

  /// Notes that compaction has looked at a pack.
  func markCold(_ row: Int64) throws(StoreError) {
    try run("UPDATE pack SET cold = 1 WHERE id = ?", row)
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
