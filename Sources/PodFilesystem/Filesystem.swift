import PodModel
public import PodStore
import Synchronization

/// The tree of a mount: what every request of the kernel means, without any type of FUSE.
///
/// All methods may be called from any thread, with any numbers: one that was never given out is
/// `notFound`, `badHandle` or `superseded`. Nothing here ever runs or unpickles a value.
///
/// ## Invariants
///
/// 1. Attributes and names come from rows. Content is opened by ``read(_:at:count:through:)`` and
///    by what writes a workspace file, and by nothing else.
/// 2. What is answered with ``Lifetime/forever`` never changes; all else is asked of the store
///    anew, so what any process commits is seen by the next request, or the kernel is told of its
///    change. Below a name that goes, the kernel forgets all names itself.
public final class Filesystem: Sendable {
  /// When the mount began: the time of its root.
  let started = Timestamp.now
  /// What the person who mounts chose.
  public let options: FilesystemOptions
  let backing: Backing
  let log: HistoryLog
  let texts: TextCache
  let textMeasurer: TextMeasurer
  let plainCopies: PlainCopies
  let commits: CommitTable
  let links: LinkCounts
  /// The same for texts, where what the workspace shows is counted too.
  let textLinks: LinkCounts
  /// What the workspaces showed whose texts the kernel knows, when it was told last.
  let shownTexts = Mutex<[SessionID: Set<VersionID>]>([:])
  let versionAttributes: VersionAttributes
  let names = NameTable()
  let pendingLinks = PendingLinks()
  let files = HandleTable<OpenFile>()
  /// Memory of the last answers.
  let buffers = Pool<[UInt8]>(limit: 8)
  let directories = HandleTable<DirectoryStream>()
  /// The sessions that the kernel knows, with how much of their history it was told.
  let knownSessions = Mutex<[SessionID: CommitTable.Places.Mark?]>([:])
  /// How the kernel is told.
  let notices = Mutex<NoticeReceiver?>(nil)
  /// Whether the kernel asks for all names again when it is told to.
  let canForgetNames = Atomic(false)
  let storeWatch: StoreWatch
  /// Where it is mounted, so that symlinks can be made with absolute paths.
  let mountPoint = Mutex<String?>(nil)
  private let workspaces = Mutex<[SessionID: Workspace]>([:])

  /// A file that is open and needs to be remembered for it.
  enum OpenFile: Sendable {
    /// A workspace file that may be written through the handle.
    case writer(WorkspaceFile, Workspace)
    /// A workspace file that is only read through the handle.
    case workspaceReader(WorkspaceFile, Workspace)
    /// A version, which stays readable for as long as it is open.
    case reader(Version, Lease, PlainCopies.Use?)
    /// A text, as it was when it was opened.
    case text(TextCache.Use)
    /// A message of a commit.
    case message(CommitMessage)
    /// The log of a session.
    case log(LogReader)
  }

  /// Makes the tree of `store`; `report` gets one line for each fault that an errno cannot tell.
  public init(
    store: Store, options: FilesystemOptions, report: @escaping @Sendable (String) -> Void
  ) {
    self.options = options
    backing = Backing(store: store, options: options, report: report)
    log = HistoryLog(backing: backing)
    texts = TextCache(backing: backing)
    textMeasurer = TextMeasurer(texts, backing: backing)
    plainCopies = PlainCopies(backing: backing)
    commits = CommitTable(backing: backing)
    links = LinkCounts(backing: backing)
    textLinks = LinkCounts(backing: backing)
    versionAttributes = VersionAttributes(backing: backing)
    storeWatch = StoreWatch(ofDatabaseAt: store.databasePath)
  }

  /// Notes where it is mounted: an absolute path.
  public func mounted(at path: String) { mountPoint.withLock { $0 = path } }

  /// Lets the kernel read copies of large files itself.
  public func use(_ kernel: KernelFiles) { plainCopies.begin(kernel) }

  /// The path of the store.
  public var storePath: String { backing.store.path }

  /// The live files of a session.
  func workspace(of session: SessionID) -> Workspace {
    workspaces.withLock { workspaces in
      if let workspace = workspaces[session] { return workspace }
      let workspace = Workspace(session: session, backing: backing)
      workspaces[session] = workspace
      return workspace
    }
  }

  /// Returns what a number stands for.
  func node(_ inode: InodeNumber) throws(FilesystemError) -> Node {
    guard let node = Node(inode) else { throw .notFound }
    return node
  }

  /// Returns the number of a node.
  func inode(_ node: Node) throws(FilesystemError) -> InodeNumber {
    guard let inode = node.inode else { throw .outOfNumbers }
    return inode
  }

  /// Returns the workspace file with a number that the kernel knows.
  func file(_ inode: InodeNumber) throws(FilesystemError) -> (WorkspaceFile, Workspace)? {
    switch try node(inode) {
    case .file(let session, born: _), .newFile(let session, serial: _):
      let workspace = workspace(of: session)
      guard let file = workspace.file(inode) else { throw .superseded }
      return (file, workspace)
    case .root, .readme, .session, .entry, .commit, .texts, .version, .text, .named, .time,
      .info, .infoFile, .introduction, .head, .reference:
      return nil
    }
  }

  /// Forgets `count` of the answers that told the kernel of a number.
  public func forget(_ inode: InodeNumber, count: UInt64) {
    switch Node(inode) {
    case .file(let session, born: _), .newFile(let session, serial: _):
      workspace(of: session).forget(inode, count: count)
    case .version(let version): links.forget(version, count: count)
    case .text(let version): textLinks.forget(version, count: count)
    case .named(let serial):
      // Programs give a symlink that is to be renamed to HEAD a new name each time.
      guard case .pending(let name, let session) = names.named(serial),
        pendingLinks[name, in: session] == nil
      else { break }
      names.remove(serial)
    case nil, .root, .readme, .session, .entry, .commit, .texts, .time, .info, .infoFile,
      .introduction, .head, .reference:
      break
    }
  }

  /// Returns the size and the free room of the store's disk.
  public func space() throws(FilesystemError) -> DiskSpace {
    try DiskSpace(of: backing.store.path)
  }
}
