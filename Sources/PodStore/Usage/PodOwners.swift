/// Who needs each pod: nobody, one of several users, or more than one.
struct PodOwners {
  /// A user by its number.
  typealias User = Int32

  /// More than one user.
  static let many: User = -1
  /// No user.
  static let nobody: User = -2

  private let graph: PodGraph
  private var users: [User]

  init(_ graph: PodGraph) {
    self.graph = graph
    users = [User](repeating: Self.nobody, count: graph.count)
  }

  /// What two uses are together.
  static func both(_ one: User, _ other: User) -> User {
    if one == nobody || one == other { return other }
    return other == nobody ? one : many
  }

  /// Notes that `user` needs a node, and so all that this needs.
  ///
  /// A node is passed on again only when it goes from nobody to one and from one to many.
  mutating func add(_ user: User, to node: PodGraph.Node) {
    guard node != PodGraph.none else { return }
    let graph = graph
    var open = note(user, at: node) ? [node] : []
    while let node = open.popLast() {
      let user = users[Int(node)]
      graph.forEachNeed(of: node) { need in
        if note(user, at: need) { open.append(need) }
      }
    }
  }

  /// Notes one use; returns whether that is news.
  private mutating func note(_ user: User, at node: PodGraph.Node) -> Bool {
    let before = users[Int(node)]
    users[Int(node)] = Self.both(before, user)
    return users[Int(node)] != before
  }

  /// Calls `body` with the stored bytes of each pod and who needs it.
  func forEachPod(_ body: (Int64, User) -> Void) {
    for node in stride(from: 1, to: PodGraph.Node(users.count), by: 2) {
      body(graph.bytes(of: node), users[Int(node)])
    }
  }
}

/// The pods that one after another needs.
struct PodReach {
  private let graph: PodGraph
  private var turns: [UInt32]
  private var turn: UInt32 = 0

  init(_ graph: PodGraph) {
    self.graph = graph
    turns = [UInt32](repeating: 0, count: graph.count)
  }

  /// Returns the stored bytes of the pods that these nodes need.
  mutating func bytes(of nodes: some Sequence<PodGraph.Node>) -> Int64 {
    turn += 1
    let graph = graph
    var bytes: Int64 = 0
    var open: [PodGraph.Node] = []
    for node in nodes where node != PodGraph.none && turns[Int(node)] != turn {
      turns[Int(node)] = turn
      open.append(node)
      while let node = open.popLast() {
        bytes += graph.bytes(of: node)
        graph.forEachNeed(of: node) { need in
          guard turns[Int(need)] != turn else { return }
          turns[Int(need)] = turn
          open.append(need)
        }
      }
    }
    return bytes
  }
}

/// The pods that a set of contents needs, as contents come and go.
struct PodCounts {
  private let graph: PodGraph
  /// How many of the contents and of the pods that are needed need each node directly.
  private var counts: [UInt32]
  /// The stored bytes of the pods that are needed.
  private(set) var bytes: Int64 = 0

  init(_ graph: PodGraph) {
    self.graph = graph
    counts = [UInt32](repeating: 0, count: graph.count)
  }

  /// Adds a content.
  mutating func add(_ node: PodGraph.Node) {
    guard node != PodGraph.none else { return }
    var open = [node]
    while let node = open.popLast() {
      counts[Int(node)] += 1
      if counts[Int(node)] > 1 { continue }
      bytes += graph.bytes(of: node)
      graph.forEachNeed(of: node) { open.append($0) }
    }
  }

  /// Removes a content that was added.
  mutating func remove(_ node: PodGraph.Node) {
    guard node != PodGraph.none else { return }
    var open = [node]
    while let node = open.popLast() {
      counts[Int(node)] -= 1
      if counts[Int(node)] > 0 { continue }
      bytes -= graph.bytes(of: node)
      graph.forEachNeed(of: node) { open.append($0) }
    }
  }
}
