import PodModel

/// A pack that nobody writes to, locked so that nobody else moves what it holds.
final class SealedPack: Sendable {
  let survey: PackSurvey
  let path: StorePath
  let file: File
  /// The number of bytes in the file.
  let size: Int64

  /// Opens and locks a pack; nil if somebody writes to it, or if it is not there.
  init?(_ survey: PackSurvey, in directory: StorePath) throws(StoreError) {
    path = OpenPack.path(of: survey.name, in: directory)
    guard let file = try File.ifThere(path), try file.tryLock() else { return nil }
    self.survey = survey
    size = try file.size()
    self.file = file
  }

  /// Removes the file, which nothing names any more.
  ///
  /// It is emptied before, so that the disk has its room back though another process have it open:
  /// who reads there finds nothing, and looks where the pod is now.
  func remove() throws(StoreError) {
    try File(path, .updating).truncate(to: 0)
    try Directory.remove(path)
  }

  /// Returns the bytes of a stretch, or fewer at the end of the file.
  func bytes(in range: Range<Int64>) throws(StoreError) -> [UInt8] {
    try file.read(range.count, at: range.lowerBound)
  }
}

extension SealedPack {
  /// Those of the packs that nobody writes to.
  static func all(
    of surveys: [PackSurvey], in directory: StorePath
  ) throws(StoreError) -> [SealedPack] {
    var packs: [SealedPack] = []
    for survey in surveys {
      if let pack = try SealedPack(survey, in: directory) { packs.append(pack) }
    }
    return packs
  }
}

extension [SealedPack] {
  /// The packs in groups of about so many bytes.
  func groups(ofBytes limit: Int64) -> [[SealedPack]] {
    var groups: [[SealedPack]] = []
    var bytes = limit
    for pack in self {
      if bytes >= limit {
        groups.append([])
        bytes = 0
      }
      groups[groups.count - 1].append(pack)
      bytes += pack.survey.bytes
    }
    return groups
  }
}
