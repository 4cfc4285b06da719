import PodModel

/// The contents that commits and workspaces have, with the pods below them.
struct BoundContents {
  /// A use of a content by a session, both by their rows.
  private(set) var uses: [(session: Int64, content: Int)] = []
  /// The nodes of the contents.
  private(set) var nodes: [PodGraph.Node] = []
  /// The contents themselves.
  private(set) var ids: [ContentID] = []
  private(set) var graph: PodGraph
  private var indices: [Int64: Int] = [:]

  private static let allUses = """
    SELECT session, content, content.pod, content.form FROM (
      SELECT line.session, covariable.content
      FROM line JOIN binding ON binding.line = line.id
      JOIN version ON version.id = binding.version
      JOIN covariable ON covariable.id = version.covariable
      UNION SELECT workspace.session, covariable.content
      FROM workspace JOIN version ON version.id = workspace.version
      JOIN covariable ON covariable.id = version.covariable
    ) JOIN content ON content.id = content ORDER BY content, session
    """

  /// Reads the rows, and every pod that names others.
  init(in engine: Engine, on connection: borrowing Connection) throws(StoreError) {
    graph = PodGraph(try connection.podTable())
    var select = try connection.prepare(Self.allUses)
    while try select.step() {
      let row = select.integer(1)
      if indices[row] == nil {
        guard let form = ContentForm(rawValue: select.integer(3)) else { throw select.damaged }
        indices[row] = nodes.count
        ids.append(ContentID(pod: try select.podID(2), form: form))
        nodes.append(try graph.node(of: select.podID(2), in: engine))
      }
      uses.append((select.integer(0), nodes.count - 1))
    }
  }

  /// The index of the content with this row; nil if nothing binds it.
  func index(ofRow row: Int64) -> Int? { indices[row] }
}
