public import PodPickle

extension ObjectGraph {
  /// What is met on the way through a tuple of `roots`, as a ``PodReader`` tells it.
  ///
  /// Payloads must be in memory.
  public func pieces(roots: [Int]) -> [PodReader.Piece] {
    var pieces: [PodReader.Piece] = [.node(.tuple, count: roots.count)]
    var numbers: [Node: Int] = [:]
    var objectCount = 1
    var stack = Array(roots.map { self.roots[$0] }.reversed())
    while let node = stack.popLast() {
      if let number = numbers[node] {
        pieces.append(.object(number))
        continue
      }
      let kind = kind(of: node)
      guard kind != .atom else {
        pieces.append(.atom(payloadBytes(of: node) ?? []))
        continue
      }
      if kind == .global {
        // Its parts are texts of the pod, however long.
        pieces.append(.node(.global, count: 2))
        for part in children(of: node) {
          pieces.append(.text(.string, payloadBytes(of: part) ?? []))
        }
        continue
      }
      var isObject = ![.items, .pairs, .state, .stateByCall].contains(kind)
      if let bytes = payloadBytes(of: node) {
        pieces.append(.text(kind, bytes))
        isObject = !(kind == .string || kind == .bytes) || bytes.count > 255
      } else {
        pieces.append(.node(kind, count: children(of: node).count))
        stack += children(of: node).reversed()
      }
      if isObject {
        numbers[node] = objectCount
        objectCount += 1
      }
    }
    return pieces
  }
}
