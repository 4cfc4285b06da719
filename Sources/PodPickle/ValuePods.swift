import PodModel

/// The pods of a value, as far as they were read.
///
/// A pod is known by its number here, which it gets when it is met; a pod that is met twice has two.
/// What is missing is asked for by ``wanted``, one pod at a time.
///
/// Everything comes from outside. A pod is passed once when it comes, so that later its columns hold
/// what its tags say, and what refers to it is checked where it is followed. The budget bounds what a
/// few pods can make that name each other many times.
struct ValuePods {
  /// A pod of objects or items.
  private struct Pod {
    let id: PodID
    let parent: Int
    /// Its number among the children of its parent.
    let number: Int
    /// The number of its items, if it is a run.
    let itemCount: Int?
    /// Where its wires are said to be.
    let link: WireLink
    var isRead = false
    /// The source with its bytes; everything from here on only once it is read.
    var source = 0
    var firstObject: UInt32 = 0
    var objectCount = 0
    var firstText = 0
    var textCount = 0
    var firstChild = 0
    var childCount = 0
    var firstName = 0
    var firstHole = 0
    var holeCount = 0
    var wireSource = 0
    /// Where ``places`` has its cursors, and how many.
    var firstPlace = 0
    var placeCount = 0
  }

  /// A pod that another names as its child.
  private struct Child {
    let name: Int
    let itemCount: Int?
    var link = WireLink.none
    /// Its number, once it was met.
    var pod = -1
  }

  /// A short text that stands in full in a pod.
  private struct NewText {
    let kind: ObjectGraph.Kind
    let range: Range<Int>
    var hash: UInt64 = 0

    init(_ tag: PodCursor.Tag) {
      kind = tag.kind
      range = tag.place..<(tag.place + tag.count)
    }
  }

  /// The pod that is needed next.
  private(set) var wanted: PodID?
  /// Short texts and globals, each once, and the bytes of all pods that were read.
  private(set) var texts = ObjectGraph()
  /// The keys of the nodes of ``texts``.
  private var textKeys: [UInt32] = []
  private var pods: [Pod] = []
  /// The number of keys that were given to objects and texts.
  private(set) var keyCount = 0
  private(set) var protocolVersion: UInt8 = 4
  /// The number of bytes of all pods that were read.
  private(set) var byteCount = 0

  private var names: [PodID] = []
  private var children: [Child] = []
  /// The nodes in ``texts`` of the numbered texts of all pods.
  private var podTexts: [ObjectGraph.Node] = []
  private var holes: [UInt32] = []
  /// Cursors of a pod, one in each ``placeDistance`` tags.
  private var places: [PodCursor] = []
  private var strings = StringTable()
  /// The texts of a pod that were passed and are not entered yet.
  private var newTexts: [NewText] = []
  private var globals: [UInt64: ObjectGraph.Node] = [:]
  private var missing = Missing.nothing
  private var budget: Int
  private var skipBudget: Int
  let limit: Int

  private enum Missing {
    case nothing
    case pod(Int)
    case wires(of: Int)
  }

  private static let placeDistance = 256

  /// - Parameter limit: the number of bytes that the value has as a pickle, at least.
  init(root: PodID, limit: Int) {
    let limit = min(max(limit, 0), 1 << 48)
    self.limit = limit
    // A tree makes a byte of pickle at least, and is passed when its pod is read, when it is
    // written, and when another way to it passes it; pods and their names come on top.
    budget = 4 * limit + 256
    // What is passed by the way costs little, but may lie before each of many roots.
    skipBudget = 256 * limit + (1 << 20)
    pods = [Pod(id: root, parent: -1, number: 0, itemCount: nil, link: .none)]
    wanted = root
    missing = .pod(0)
  }

  /// Spends on a tree that is passed because it was written elsewhere, or lies before a root.
  mutating func spendOnSkipping() throws(PickleError) {
    skipBudget -= 1
    guard skipBudget >= 0 else { throw .tooLarge(limit: limit) }
  }

  @inline(__always)
  mutating func spend(_ count: Int = 1) throws(PickleError) {
    budget -= count
    guard budget >= 0 else { throw .tooLarge(limit: limit) }
  }

  /// Whether a pod was read; if not, it is the one that is wanted.
  @inline(__always)
  mutating func isThere(_ pod: Int) -> Bool {
    if pods[pod].isRead { return true }
    wanted = pods[pod].id
    missing = .pod(pod)
    return false
  }

  /// The number of a child of a pod that was read.
  mutating func child(_ number: Int, of pod: Int) throws(PickleError) -> Int {
    guard number >= 0, number < pods[pod].childCount else {
      throw .malformed(offset: 0, reason: "a wire to no pod")
    }
    let place = pods[pod].firstChild + number
    if children[place].pod < 0 {
      try spend()
      children[place].pod = pods.count
      pods.append(
        Pod(
          id: names[children[place].name], parent: pod, number: number,
          itemCount: children[place].itemCount, link: children[place].link))
    }
    return children[place].pod
  }

  func id(of pod: Int) -> PodID { pods[pod].id }
  @inline(__always)
  func source(of pod: Int) -> Int { pods[pod].source }
  /// The key of the first object of a pod that was read; those of the others follow.
  @inline(__always)
  func firstObject(of pod: Int) -> UInt32 { pods[pod].firstObject }
  func objectCount(of pod: Int) -> Int { pods[pod].objectCount }

  /// The place among all names of the name with the number `number` of a pod that was read.
  func name(_ number: UInt32, of pod: Int) -> Int { pods[pod].firstName + Int(number) }

  /// The name at a place.
  func name(_ place: Int) -> PodID { names[place] }

  /// The short text or global with the number `number` of a pod that was read.
  @inline(__always)
  func text(_ number: Int, of pod: Int) throws(PickleError) -> ObjectGraph.Node {
    guard number < pods[pod].textCount else {
      throw .malformed(offset: 0, reason: "a reference to a text that is not there")
    }
    return podTexts[pods[pod].firstText + number]
  }

  @inline(__always)
  func key(of text: ObjectGraph.Node) -> UInt32 { textKeys[Int(text)] }

  /// The beginning of a pod that was read.
  func start(of pod: Int) -> PodCursor { places[pods[pod].firstPlace] }

  /// The place in a pod, before the tag of the object with the number `object` of it.
  mutating func place(of object: Int, in pod: Int) throws(PickleError) -> PodCursor {
    var range = pods[pod].firstPlace..<(pods[pod].firstPlace + pods[pod].placeCount)
    while range.count > 1 {
      let middle = range.lowerBound + range.count / 2
      range =
        places[middle].nextObject <= object ? middle..<range.upperBound : range.lowerBound..<middle
    }
    var cursor = places[range.lowerBound]
    try spend()
    while true {
      let before = cursor
      let tag = try cursor.pass()
      if tag.form == .global { _ = try passGlobal(&cursor) }
      if Int(cursor.nextObject) > object { return before }
    }
  }

  /// Passes the parts of a global, and returns its number.
  @inline(__always)
  func passGlobal(_ cursor: inout PodCursor) throws(PickleError) -> Int {
    _ = try cursor.passPart()
    _ = try cursor.passPart()
    cursor.endGlobal()
    return Int(cursor.nextText) - 1
  }

  /// The pod and number of the object that a hole of a pod leads to; a pod that was not read stands
  /// on the way.
  ///
  /// - Parameter nextChild: the number of children of the pod before the hole.
  mutating func target(
    of hole: UInt32, nextChild: UInt32, in pod: Int
  ) throws(PickleError) -> (pod: Int, object: Int) {
    guard Int(hole) < pods[pod].holeCount else {
      throw .malformed(offset: 0, reason: "a reference without a wire")
    }
    var reader = texts.sources[pods[pod].wireSource].reader()
    _ = try reader.take(holes[pods[pod].firstHole + Int(hole)])
    let (up, down) = try reader.wireHead()
    var at = pod
    var branch = Int(nextChild)
    for _ in 0..<up {
      guard at > 0 else { throw .malformed(offset: reader.offset, reason: "a wire to no pod") }
      branch = pods[at].number
      at = pods[at].parent
    }
    for step in 0..<down {
      let number = try reader.varint()
      at = try child(step == 0 ? branch - number : number, of: at)
      if !pods[at].isRead { return (at, 0) }
    }
    return (at, try reader.varint())
  }
}

// MARK: - Reading pods

extension ValuePods {
  /// Takes the canonical bytes of the pod that is wanted.
  mutating func supply(_ bytes: [UInt8]) throws(PickleError) {
    guard let id = wanted else { return }
    wanted = nil
    byteCount += bytes.count
    do throws(PickleError) {
      guard bytes.count <= UInt32.max else { throw .malformed(offset: 0, reason: "too many bytes") }
      let opened = try PodFormat.open(ByteSource(bytes), named: id)
      switch missing {
      case .pod(let pod): try read(pod, opened)
      case .wires(let pod): try readWires(of: pod, opened)
      case .nothing: break
      }
    } catch { throw error.inPod(id) }
  }

  private mutating func read(_ pod: Int, _ opened: PodFormat.Opened) throws(PickleError) {
    let expected: PodFormat.Kind =
      pod == 0 ? .value : pods[pod].itemCount == nil ? .objects : .run
    guard opened.kind == expected else {
      throw .malformed(offset: 0, reason: "another kind of pod than expected")
    }
    let source = try add(opened.source)
    pods[pod].source = source
    pods[pod].firstName = names.count
    names += opened.children
    var reader = opened.reader
    var link = pods[pod].link
    if pod == 0 {
      protocolVersion = try reader.byte()
      link = try WireLink(&reader, source: source)
    }
    let start = try PodCursor(columnsIn: &reader, of: opened.source)
    let end = try pass(pod, from: start)
    var nameCount = Int(end.nextName)
    if pod == 0 {
      link = link.shifted(by: names.count - opened.children.count + nameCount)
      nameCount += link.nameCount
    }
    guard end.fillsColumns(from: start), nameCount == opened.children.count else {
      throw .malformed(offset: 0, reason: "more than its objects")
    }
    try follow(link, of: pod)
  }

  private mutating func follow(_ link: WireLink, of pod: Int) throws(PickleError) {
    switch link {
    case .none: pods[pod].isRead = true
    case .inline(let source, let range, let firstName, _):
      var reader = texts.sources[source].reader(in: range)
      try readSection(of: pod, &reader, source: source, firstName: firstName)
    case .pod(let name):
      guard name < names.count else { throw .malformed(offset: 0, reason: "wires without a name") }
      wanted = names[name]
      missing = .wires(of: pod)
    }
  }

  private mutating func add(_ source: ByteSource) throws(PickleError) -> Int {
    let number = texts.sources.add(source)
    guard number < ObjectGraph.sourceLimit else { throw .tooLarge(limit: ObjectGraph.sourceLimit) }
    return number
  }

  /// Passes all tags of a pod: counts its objects, notes its children and enters its texts.
  private mutating func pass(_ pod: Int, from start: PodCursor) throws(PickleError) -> PodCursor {
    let source = pods[pod].source
    pods[pod].firstText = podTexts.count
    pods[pod].firstChild = children.count
    pods[pod].firstPlace = places.count
    var cursor = start
    var trees = pods[pod].itemCount ?? 1
    var passed = 0
    while !cursor.isAtEnd {
      if passed % Self.placeDistance == 0 { places.append(cursor) }
      passed += 1
      let tag = try cursor.pass()
      trees -= 1
      switch tag.form {
      case .child:
        children.append(Child(name: pods[pod].firstName + Int(cursor.nextName) - 1, itemCount: nil))
      case .run:
        trees -= tag.count - 1
        guard tag.count > 0 else { throw .malformed(offset: 0, reason: "a run without items") }
        children.append(
          Child(name: pods[pod].firstName + Int(cursor.nextName) - 1, itemCount: tag.count))
      case .node:
        // Each tree has a byte, here or in a pod of its own, which the budget bounds.
        guard tag.count <= limit else { throw .tooLarge(limit: limit) }
        trees += tag.count
      case .newText: newTexts.append(NewText(tag))
      case .global: try enterGlobal(&cursor, source: source, pod: pod)
      case .longAtom: try cursor.checkArgument(of: tag, in: texts.sources[source])
      case .atom, .hole, .object, .text, .blob, .newLongText: break
      }
      guard trees >= 0 else { throw .malformed(offset: 0, reason: "more than its objects") }
    }
    enterTexts(source: source)
    guard trees == 0, passed > 0 else { throw .malformed(offset: 0, reason: "too few objects") }
    try spend(passed)
    pods[pod].placeCount = places.count - pods[pod].firstPlace
    pods[pod].childCount = children.count - pods[pod].firstChild
    pods[pod].textCount = podTexts.count - pods[pod].firstText
    pods[pod].objectCount = Int(cursor.nextObject)
    pods[pod].firstObject = UInt32(truncatingIfNeeded: keyCount)
    keyCount += Int(cursor.nextObject)
    // A scan makes no graph of more nodes either.
    guard keyCount < UInt32.max else { throw .tooLarge(limit: Int(UInt32.max)) }
    return cursor
  }

  /// Gives keys to the texts that are new.
  @inline(__always)
  private mutating func nameTexts() {
    while textKeys.count < texts.count {
      textKeys.append(UInt32(truncatingIfNeeded: keyCount))
      keyCount += 1
    }
  }

  /// Enters the texts that were passed.
  private mutating func enterTexts(source: Int) {
    for index in newTexts.indices {
      newTexts[index].hash = strings.hash(source: source, newTexts[index].range, in: texts)
    }
    for text in newTexts {
      podTexts.append(
        strings.node(text.kind, source: source, text.range, ahead: text.hash, in: &texts))
      nameTexts()
    }
    newTexts.removeAll(keepingCapacity: true)
  }

  private mutating func enterGlobal(
    _ cursor: inout PodCursor, source: Int, pod: Int
  ) throws(PickleError) {
    enterTexts(source: source)
    let module = try enterPart(&cursor, source: source, pod: pod)
    let name = try enterPart(&cursor, source: source, pod: pod)
    cursor.endGlobal()
    let pair = UInt64(module) << 32 | UInt64(name)
    let node = globals[pair] ?? texts.addNode(.global, [module, name])
    globals[pair] = node
    podTexts.append(node)
    nameTexts()
  }

  /// Returns the node of the module or name of a global.
  private mutating func enterPart(
    _ cursor: inout PodCursor, source: Int, pod: Int
  ) throws(PickleError) -> ObjectGraph.Node {
    let tag = try cursor.passPart()
    if tag.form == .newText {
      newTexts.append(NewText(tag))
      enterTexts(source: source)
      return podTexts[podTexts.count - 1]
    }
    guard tag.count < podTexts.count - pods[pod].firstText else {
      throw .malformed(offset: 0, reason: "a reference to a text that is not there")
    }
    let node = podTexts[pods[pod].firstText + tag.count]
    guard texts.kind(of: node) == .string else {
      throw .malformed(offset: 0, reason: "a global whose name is no string")
    }
    return node
  }

  // MARK: Wires

  private mutating func readWires(of pod: Int, _ opened: PodFormat.Opened) throws(PickleError) {
    guard opened.kind == .wires else { throw .malformed(offset: 0, reason: "no wires") }
    let source = try add(opened.source)
    let firstName = names.count
    names += opened.children
    var reader = opened.reader
    let nameCount = try readSection(of: pod, &reader, source: source, firstName: firstName)
    guard nameCount == opened.children.count else {
      throw .malformed(offset: 0, reason: "more names than wires")
    }
  }

  /// Reads the section of a pod to the end of `reader`; returns the number of names that it takes.
  @discardableResult
  private mutating func readSection(
    of pod: Int, _ reader: inout ByteReader, source: Int, firstName: Int
  ) throws(PickleError) -> Int {
    let holeCount = try reader.varint()
    pods[pod].wireSource = source
    pods[pod].firstHole = holes.count
    pods[pod].holeCount = holeCount
    for _ in 0..<holeCount {
      try spend()
      holes.append(UInt32(reader.offset))
      try reader.passWire()
    }
    var number = -1
    var nameCount = 0
    for _ in 0..<(try reader.varint()) {
      let gap = try reader.varint()
      guard gap < pods[pod].childCount - number - 1 else {
        throw .malformed(offset: reader.offset, reason: "wires for no pod")
      }
      number += gap + 1
      let link = try WireLink(&reader, source: source)
      children[pods[pod].firstChild + number].link = link.shifted(by: firstName + nameCount)
      nameCount += link.nameCount
    }
    guard reader.remaining == 0 else {
      throw .malformed(offset: reader.offset, reason: "more than its wires")
    }
    pods[pod].isRead = true
    return nameCount
  }
}
