import PodModel
import PodPickle

/// The code of a function, from the arguments that a pickle makes it with.
///
/// Their order depends on the interpreter that wrote them; from 3.8 to 3.10 there are 16, since
/// 3.11 a qualified name and a table of exceptions more.
struct CodeObject {
  typealias Node = ObjectGraph.Node

  let name: String
  let file: String
  let firstLine: Int
  let constants: ObjectGraph.Children
  let names: Node
  let freeVariables: [String]
  let bytecode: Node
  private let exceptions: Node?
  private let variables: [String]
  private let counts: (positional: Int, positionalOnly: Int, keywordOnly: Int)
  private let flags: Int

  /// The most names of variables that are looked at.
  private static let nameLimit = 4096

  /// Reads the call of `types.CodeType` that `node` is; nil if it is none.
  init?(_ node: Node, _ reader: ValueReader) {
    guard let object = MadeObject(node, in: reader.graph), object.isPlain,
      object.makerName == "types.CodeType"
    else { return nil }
    let arguments = Array(object.arguments.prefix(19))
    guard [16, 18].contains(arguments.count) else { return nil }
    let isNew = arguments.count == 18
    guard let positional = reader.integer(arguments[0]),
      let positionalOnly = reader.integer(arguments[1]),
      let keywordOnly = reader.integer(arguments[2]), let flags = reader.integer(arguments[5]),
      reader.graph.kind(of: arguments[6]) == .bytes,
      let constants = reader.elements(arguments[7]),
      let variables = Self.names(arguments[9], reader),
      let file = reader.shortString(arguments[10]), let name = reader.shortString(arguments[11]),
      let firstLine = reader.integer(arguments[isNew ? 13 : 12]),
      let free = Self.names(arguments[isNew ? 16 : 14], reader)
    else { return nil }
    self.name = isNew ? reader.shortString(arguments[12]) ?? name : name
    self.file = file
    self.firstLine = firstLine
    self.constants = constants
    names = arguments[8]
    freeVariables = free
    bytecode = arguments[6]
    exceptions = isNew ? arguments[15] : nil
    self.variables = variables
    counts = (positional, positionalOnly, keywordOnly)
    self.flags = flags
  }

  private static func names(_ node: Node, _ reader: ValueReader) -> [String]? {
    guard let elements = reader.elements(node), elements.count <= nameLimit else { return nil }
    var names: [String] = []
    for element in elements {
      guard let name = reader.shortString(element) else { return nil }
      names.append(PythonText.name(name))
    }
    return names
  }

  /// What a call of the function gives, where that is not its result.
  var kind: String {
    let isGenerator = flags & 0x20 != 0
    return flags & 0x200 != 0
      ? "async generator function"
      : flags & 0x80 != 0 ? "async function" : isGenerator ? "generator function" : "function"
  }

  /// Where the code was written.
  var source: String { "\(PythonText.name(file)):\(firstLine)" }

  /// The parameters as they stand behind the name of a function.
  ///
  /// - Parameter details: the default and the annotation of a parameter, as texts.
  func signature(
    _ details: (String) throws(BlobError) -> (annotation: String?, value: String?)
  ) throws(BlobError) -> String {
    let total = variables.count
    let positional = min(max(counts.positional, 0), total)
    let keywordOnly = min(max(counts.keywordOnly, 0), total - positional)
    var parameters: [String] = []
    for index in 0..<positional {
      parameters.append(try parameter(variables[index], details))
      if index + 1 == counts.positionalOnly { parameters.append("/") }
    }
    var next = positional + keywordOnly
    if flags & 0x04 != 0, next < total {
      parameters.append("*" + (try parameter(variables[next], details)))
      next += 1
    } else if keywordOnly > 0 {
      parameters.append("*")
    }
    for name in variables[positional..<(positional + keywordOnly)] {
      parameters.append(try parameter(name, details))
    }
    if flags & 0x08 != 0, next < total {
      parameters.append("**" + (try parameter(variables[next], details)))
    }
    let result = try details("return").annotation.map { " -> \($0)" } ?? ""
    return "(\(parameters.joined(separator: ", ")))\(result)"
  }

  private func parameter(
    _ name: String, _ details: (String) throws(BlobError) -> (annotation: String?, value: String?)
  ) throws(BlobError) -> String {
    switch try details(name) {
    case (nil, nil): name
    case (let annotation?, nil): "\(name): \(annotation)"
    case (nil, let value?): "\(name)=\(value)"
    case (let annotation?, let value?): "\(name): \(annotation) = \(value)"
    }
  }

  /// The names of the parameters that the last defaults belong to.
  func positionalNames(last count: Int) -> ArraySlice<String> {
    variables.prefix(max(0, min(counts.positional, variables.count))).suffix(count)
  }

  /// What one code differs from another in, apart from its name and place.
  ///
  /// - Parameter doc: a text that is shown by itself, and that is the first constant, too.
  func parts(_ reader: ValueReader, doc: Node?) throws(BlobError) -> [Part] {
    var parts: [Part] = []
    var plain: [Part] = []
    var nested: [String: Int] = [:]
    for (index, constant) in constants.enumerated() {
      guard index > 0 || constant != doc else { continue }
      if reader.graph.kind(of: constant) == .reduce, let code = CodeObject(constant, reader) {
        let name = code.name.split(separator: ".").last.map(String.init) ?? code.name
        let count = nested[name, default: 0] + 1
        nested[name] = count
        let label = count == 1 ? name : "\(name)#\(count)"
        parts.append(.attribute("code." + label, constant))
      } else {
        plain.append(Part(step: .index(index), content: .node(constant)))
      }
    }
    var constants = Composite(open: "[", close: "]", order: .sequence, isMutable: false)
    constants.sections = [.parts(plain)]
    var shown: [Part] = []
    if !plain.isEmpty {
      shown.append(
        Part(step: .attribute("constants"), content: .value(.composite(constants))))
    }
    if !(reader.elements(names)?.isEmpty ?? false) { shown.append(.attribute("names", names)) }
    let digest = try digest(reader)
    shown.append(Part(step: .attribute("bytecode"), content: .value(.line(digest))))
    return shown + parts
  }

  private func digest(_ reader: ValueReader) throws(BlobError) -> String {
    var bytes = try reader.payload(of: bytecode).bytes()
    let count = bytes.count
    if let exceptions, reader.graph.kind(of: exceptions) == .bytes {
      bytes += try reader.payload(of: exceptions).bytes()
    }
    return "\(count) bytes, \(reader.blobs.digest(of: bytes).description.prefix(16))"
  }
}
