/// The key of a version's row; in the mount, the inode number is made from it.
public struct VersionID: Hashable, Sendable {
  /// The row's key, 1 or more.
  public let row: Int64
  /// Wraps a row's key.
  public init(row: Int64) { self.row = row }
}

/// The key of a co-variable's row.
///
/// Versions with one `CoVariableID` share mutable objects and are stored,
/// changed and restored together.
public struct CoVariableID: Hashable, Sendable {
  /// The row's key, 1 or more.
  public let row: Int64
  /// Wraps a row's key.
  public init(row: Int64) { self.row = row }
}

/// How the bytes of a version are kept.
public enum ContentForm: Int64, Hashable, Sendable {
  /// As pods of a pickle's objects; the file is the pickle made of them.
  case pickle = 1
  /// As the bytes that were written.
  case raw = 2
}

/// Stored content: one root pod, shared by all versions that hold the same value.
public struct ContentID: Hashable, Sendable {
  /// The pod from which all others of the content are reached.
  public let pod: PodID
  /// What the pod is the root of.
  public let form: ContentForm

  /// Creates an identifier from its parts.
  public init(pod: PodID, form: ContentForm) {
    self.pod = pod
    self.form = form
  }
}

/// What rows tell of a value without reading it.
public struct ValueSummary: Hashable, Sendable {
  /// The Python type with its module, such as `pandas.DataFrame` or `list`; `file` for raw bytes.
  public var type: String
  /// The lengths of the dimensions, of what has any: an array's, a frame's, a container's.
  public var shape: [Int64]?
  /// The element type of an array, such as `float64`.
  public var dtype: String?
  /// The number of bytes of the file that shows the value.
  public var size: Int64

  /// Creates a summary from its parts.
  public init(type: String, shape: [Int64]? = nil, dtype: String? = nil, size: Int64) {
    self.type = type
    self.shape = shape
    self.dtype = dtype
    self.size = size
  }
}

/// One value of one variable.
///
/// A version never changes. It is introduced by one commit and shared by all
/// later ones until the variable changes.
public struct Version: Hashable, Sendable {
  /// The version's row.
  public let id: VersionID
  /// The co-variable it belongs to.
  public let coVariable: CoVariableID
  /// The content that holds it.
  public let content: ContentID
  /// Which root of the content it is, counted from 0.
  public let root: Int
  /// What rows tell of it.
  public let summary: ValueSummary
  /// When it was written: the time of the commit that introduced it, once there is one.
  public let time: Timestamp
  /// The commit that introduced it; nil as long as it is only in a workspace.
  public let commit: CommitNumber?

  /// Whether it is known that there was a version, but not which: rows were damaged.
  public var isLost: Bool { content.pod == Self.lostPod }

  /// A name that no pod has.
  private static let lostPod = PodID(words: .zero)

  /// A version of which nothing is known but, perhaps, its key: its value cannot be read.
  public static func lost(_ id: VersionID) -> Version {
    Version(
      id: id, coVariable: CoVariableID(row: -1 - id.row),
      content: ContentID(pod: lostPod, form: .raw), root: 0,
      summary: ValueSummary(type: "lost", size: 0), time: Timestamp(microseconds: 0), commit: nil)
  }

  /// Creates a version from its parts.
  public init(
    id: VersionID, coVariable: CoVariableID, content: ContentID, root: Int,
    summary: ValueSummary, time: Timestamp, commit: CommitNumber?
  ) {
    self.id = id
    self.coVariable = coVariable
    self.content = content
    self.root = root
    self.summary = summary
    self.time = time
    self.commit = commit
  }
}

/// What a commit or a workspace binds: names to versions.
public struct Manifest: Hashable, Sendable {
  /// The version of every variable.
  public var versions: [VariableName: Version]

  /// Creates a manifest of `versions`.
  public init(_ versions: [VariableName: Version] = [:]) { self.versions = versions }

  /// The names, in the order of their bytes.
  public var names: [VariableName] { versions.keys.sorted() }

  /// The names of each co-variable, both in the order of bytes of their first name.
  public var coVariables: [[VariableName]] {
    Dictionary(grouping: names) { versions[$0]?.coVariable }.values
      .sorted { ($0.first?.text ?? "") < ($1.first?.text ?? "") }
  }
}
