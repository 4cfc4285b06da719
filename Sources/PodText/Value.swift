import PodPickle

/// What a node of a graph stands for in Python, in the form in which it is shown and compared.
enum Value {
  /// What stands on one line and has no parts: a number, a name, a date.
  case line([UInt8])
  /// A str, in UTF-8.
  case string(Payload)
  /// A bytes object, or a bytearray.
  case bytes(Payload, isArray: Bool)
  /// An object with parts.
  case composite(Composite)
  /// What is shown as lines that no part of it stands for alone, such as an array.
  case lined(any LinedValue)

  /// A line that says what Python would.
  static func line(_ text: String) -> Value { .line(Array(text.utf8)) }
}

/// A value that is shown as a heading and lines below it.
protocol LinedValue {
  /// What it is: the type, the shape, the type of the elements.
  var heading: String { get }
  /// Appends the lines, each with so many spaces before it.
  func appendLines(indentation: Int, to output: inout TextOutput) throws(BlobError)
}

/// An object with parts, in the order in which they are shown.
struct Composite {
  /// How the parts of one object correspond to those of another.
  enum Order {
    /// By their place: items.
    case sequence
    /// By their keys or names.
    case mapping
    /// By themselves: the elements of a set, which are sorted.
    case unordered
  }

  /// What stands before the parts, such as `[`.
  var open: String
  /// What stands behind them.
  var close: String
  var order: Order
  /// Whether it could be changed, so that being the same object is more than being equal.
  var isMutable = true
  var sections: [Section] = []

  /// Parts of one sort; those that nodes stand for in a row take no memory.
  enum Section {
    /// Items, with the number of the first.
    case items(ObjectGraph.Children, first: Int)
    /// Key, value, key, value….
    case pairs(ObjectGraph.Children)
    case elements([ObjectGraph.Node])
    case parts([Part])

    var count: Int {
      switch self {
      case .items(let nodes, _): nodes.count
      case .pairs(let nodes): nodes.count / 2
      case .elements(let nodes): nodes.count
      case .parts(let parts): parts.count
      }
    }

    subscript(index: Int) -> Part {
      switch self {
      case .items(let nodes, let first):
        Part(step: .index(first + index), content: .node(nodes[nodes.startIndex + index]))
      case .pairs(let nodes):
        Part(
          step: .key(nodes[nodes.startIndex + 2 * index]),
          content: .node(nodes[nodes.startIndex + 2 * index + 1]))
      case .elements(let nodes): Part(step: .element, content: .node(nodes[index]))
      case .parts(let parts): parts[index]
      }
    }
  }

  /// The number of all parts.
  var count: Int { sections.reduce(0) { $0 + $1.count } }

  /// The part with the number `index` of all.
  subscript(index: Int) -> Part {
    var index = index
    for section in sections {
      if index < section.count { return section[index] }
      index -= section.count
    }
    preconditionFailure("a part beyond the last")
  }
}

/// A part of an object: how to get to it, and what it is.
struct Part {
  /// How to get from an object to a part of it.
  enum Step {
    case index(Int)
    case key(ObjectGraph.Node)
    /// The same, where the key was shown before on lines of its own.
    case valueOfKey(ObjectGraph.Node)
    case attribute(String)
    /// What stands for itself: the element of a set.
    case element
    /// What Python has no expression for, such as an argument that an object was made with.
    case made(String)
  }

  enum Content {
    case node(ObjectGraph.Node)
    case value(Value)
  }

  var step: Step
  var content: Content

  static func attribute(_ name: String, _ node: ObjectGraph.Node) -> Part {
    Part(step: .attribute(name), content: .node(node))
  }
}
