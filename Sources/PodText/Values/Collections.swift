import PodPickle

extension ValueReader {
  /// The containers of `collections` and `array`, and the builtin ones as old protocols have them.
  static let collections: [String: Recognizer] = [
    "collections.deque": { object, reader throws(BlobError) in
      guard object.arguments.count <= 2, object.pairs.isEmpty, object.states.isEmpty,
        object.keywords.isEmpty
      else { return nil }
      var form = object.items("deque([", "])")
      if let first = object.argument(0) {
        guard let items = reader.elements(first), items.isEmpty || object.items.isEmpty else {
          return nil
        }
        if !items.isEmpty { form.sections = [.items(items, first: 0)] }
      }
      if let length = object.argument(1), !reader.isNone(length) {
        guard let limit = reader.integer(length) else { return nil }
        form.close = "], maxlen=\(limit))"
      }
      return .composite(form)
    },
    "collections.defaultdict": { object, reader throws(BlobError) in
      guard object.arguments.count <= 1, object.isMapping else { return nil }
      guard let factory = object.argument(0) else {
        return .composite(object.mapping("defaultdict(None, {", "})"))
      }
      if let text = try reader.shortText(of: factory) {
        let name = String(decoding: text, as: UTF8.self)
        return .composite(object.mapping("defaultdict(\(name), {", "})"))
      }
      var form = object.mapping("defaultdict(", ")")
      form.sections.insert(.parts([.attribute("default_factory", factory)]), at: 0)
      return .composite(form)
    },
    "collections.OrderedDict": { object, reader throws(BlobError) in
      guard object.isMapping else { return nil }
      if object.arguments.isEmpty { return .composite(object.mapping("OrderedDict({", "})")) }
      guard object.arguments.count == 1, object.pairs.isEmpty,
        let pairs = reader.pairs(inList: object.argument(0))
      else { return nil }
      var form = object.mapping("OrderedDict({", "})")
      form.sections = [.parts(pairs)]
      return .composite(form)
    },
    "collections.Counter": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count <= 1 else { return nil }
      var form = object.mapping("Counter({", "})")
      if let dict = object.argument(0) {
        guard reader.graph.kind(of: dict) == .dict else { return nil }
        form.sections = [.pairs(reader.graph.children(of: dict))]
      }
      return .composite(form)
    },
    "array.array": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count == 2, let code = object.argument(0),
        let name = reader.shortString(code), name.count == 1,
        let items = reader.elements(object.argument(1))
      else { return nil }
      return .composite(
        Composite(
          open: "array('\(PythonText.name(name))', [", close: "])", order: .sequence,
          sections: [.items(items, first: 0)]))
    },
    "builtins.set": { object, reader throws(BlobError) in try reader.set(from: object) },
    "builtins.frozenset": { object, reader throws(BlobError) in try reader.set(from: object) },
    "builtins.bytearray": { object, reader throws(BlobError) in
      guard object.isPlain, object.arguments.count <= 2 else { return nil }
      guard let first = object.argument(0) else { return .bytes(.memory([]), isArray: true) }
      if object.arguments.count == 2 {
        return reader.encoded(object).map { .bytes($0, isArray: true) }
      }
      if reader.graph.kind(of: first) == .bytes {
        return .bytes(reader.payload(of: first), isArray: true)
      }
      guard let inner = MadeObject(first, in: reader.graph), inner.makerName == "_codecs.encode"
      else { return nil }
      return reader.encoded(inner).map { .bytes($0, isArray: true) }
    },
    "builtins.bytes": { object, _ throws(BlobError) in
      object.isPlain && object.arguments.isEmpty ? .bytes(.memory([]), isArray: false) : nil
    },
    "_codecs.encode": { object, reader throws(BlobError) in
      guard object.isPlain else { return nil }
      return reader.encoded(object).map { .bytes($0, isArray: false) }
    },
  ]

  /// A set that is made of a list.
  private func set(from object: MadeObject) throws(BlobError) -> Value? {
    guard object.isPlain, object.arguments.count <= 1 else { return nil }
    let isFrozen = object.className == "builtins.frozenset"
    guard let list = object.argument(0) else {
      return .composite(try set([], isFrozen: isFrozen))
    }
    guard let elements = elements(list) else { return nil }
    return .composite(try set(Array(elements), isFrozen: isFrozen))
  }

  /// The pairs in a list of lists or tuples of two.
  private func pairs(inList list: Node?) -> [Part]? {
    guard let list = elements(list) else { return nil }
    var parts: [Part] = []
    for pair in list {
      guard let pair = elements(pair), pair.count == 2 else { return nil }
      parts.append(
        Part(step: .key(pair[pair.startIndex]), content: .node(pair[pair.startIndex + 1])))
    }
    return parts
  }

  /// Bytes as protocols 0 to 2 write them: a str of characters below 256, and its encoding.
  private func encoded(_ object: MadeObject) -> Payload? {
    guard object.arguments.count == 2, let text = object.argument(0),
      let encoding = shortString(object.argument(1)), ["latin1", "latin-1"].contains(encoding),
      case .string(let utf8)? = graph.scalar(of: text)
    else { return nil }
    return Self.latin1(String(decoding: utf8, as: UTF8.self)).map { .memory($0) }
  }
}

extension MadeObject {
  /// Whether nothing but pairs was added to it.
  fileprivate var isMapping: Bool { keywords.isEmpty && items.isEmpty && states.isEmpty }

  fileprivate func mapping(_ open: String, _ close: String) -> Composite {
    Composite(
      open: open, close: close, order: .mapping, sections: pairs.map { .pairs($0) })
  }

  fileprivate func items(_ open: String, _ close: String) -> Composite {
    var form = Composite(open: open, close: close, order: .sequence)
    var first = 0
    for items in items {
      form.sections.append(.items(items, first: first))
      first += items.count
    }
    return form
  }
}
