import PodModel

/// What saving a namespace changes: the namespace and HEAD, merged over the namespace's base.
///
/// Where the namespace differs from the base, the namespace is right; elsewhere HEAD is. Variables
/// are compared by co-variables: one whose names, content and roots are the same is the same.
struct NamespaceMerge {
  /// The co-variables of the namespace that become new versions.
  private(set) var added: [NewCoVariable] = []
  /// The names that HEAD binds and the commit does not.
  private(set) var removed: [VariableName] = []
  /// The names whose value is HEAD's and not the namespace's.
  private(set) var adopted: [VariableName] = []
  /// The names that HEAD binds otherwise than the base: the namespace never had these values.
  private(set) var unseen: [VariableName] = []

  /// Whether the namespace has nothing that HEAD has not.
  var changesNothing: Bool { added.isEmpty && removed.isEmpty }

  /// The changes of a namespace whose base is HEAD.
  init(_ changes: NamespaceChanges) {
    added = changes.coVariables
    removed = changes.removed
  }

  init(
    _ namespace: [NewCoVariable], base: Manifest, head: Manifest
  ) throws(StoreError) {
    let baseGroups = CoVariableGroups(base)
    let headGroups = CoVariableGroups(head)
    var named: Set<VariableName> = []
    for coVariable in namespace {
      for name in coVariable.names.keys where !named.insert(name).inserted {
        throw .invalidCommit(reason: "'\(name)' is in two co-variables")
      }
      if baseGroups.contain(coVariable) {
        adopted += coVariable.names.keys.filter {
          !Self.sameValue(base.versions[$0], head.versions[$0])
        }
      } else if !headGroups.contain(coVariable) {
        added.append(coVariable)
      }
    }
    for name in head.versions.keys where !named.contains(name) {
      if base.versions[name] == nil { adopted.append(name) } else { removed.append(name) }
    }
    adopted.sort()
    let names = Set(base.versions.keys).union(head.versions.keys)
    unseen = names.filter { !Self.sameValue(base.versions[$0], head.versions[$0]) }
  }

  private static func sameValue(_ one: Version?, _ other: Version?) -> Bool {
    one?.content == other?.content && one?.root == other?.root
  }
}

/// The co-variables of a manifest.
private struct CoVariableGroups {
  private let manifest: Manifest
  private let sizes: [CoVariableID: Int]

  init(_ manifest: Manifest) {
    self.manifest = manifest
    sizes = manifest.versions.values.reduce(into: [:]) { $0[$1.coVariable, default: 0] += 1 }
  }

  /// Tells whether one of them has the names, content and roots of `new`.
  func contain(_ new: NewCoVariable) -> Bool {
    var coVariable: CoVariableID?
    for (name, root) in new.names {
      guard let version = manifest.versions[name], version.root == root,
        version.content == new.content.id,
        coVariable == nil || coVariable == version.coVariable
      else { return false }
      coVariable = version.coVariable
    }
    guard let coVariable else { return true }
    return sizes[coVariable] == new.names.count
  }
}
