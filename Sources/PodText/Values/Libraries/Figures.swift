import PodPickle

/// Figures of matplotlib: size, axes and what is drawn, but not how.
///
/// The pickle of a figure has thousands of objects that matplotlib computes with, whose keys are
/// addresses. What is shown is what a person gave it.
extension ValueReader {
  static let figures: [String: Recognizer] = [
    "matplotlib.figure.Figure": { object, reader throws(BlobError) in
      guard let attributes = ObjectAttributes(object, in: reader) else { return nil }
      var parts = reader.size(ofFigure: attributes["bbox_inches"])
      parts += attributes["_dpi"].map { [.attribute("dpi", $0)] } ?? []
      parts += reader.text(attributes["_suptitle"], as: "title")
      parts += attributes["_localaxes"].map { [.attribute("axes", $0)] } ?? []
      return reader.form(object, parts)
    }
  ]

  /// What is drawn in a figure.
  static let artist: Recognizer = { object, reader throws(BlobError) in
    let module = object.className.split(separator: ".").dropFirst().first ?? ""
    guard artistModules.contains(module),
      let attributes = ObjectAttributes(object, in: reader)
    else { return nil }
    var parts: [Part] = []
    if module == "axes" || module == "projections" {
      parts += reader.text(attributes["title"], as: "title")
      for axis in ["xaxis", "yaxis", "zaxis"] {
        let axisAttributes = attributes[axis].flatMap { reader.attributes(of: $0) }
        parts += reader.text(axisAttributes?["label"], as: "\(axis.prefix(1))label")
      }
    }
    for (name, label) in drawn where attributes["_xorig"] == nil || !["_x", "_y"].contains(name) {
      parts += attributes[name].map { [.attribute(label, $0)] } ?? []
    }
    let marker = attributes["_marker"].flatMap { reader.attributes(of: $0) }?["_marker"]
    parts += marker.map { [.attribute("marker", $0)] } ?? []
    return reader.form(object, parts)
  }

  private static let artistModules: Set<Substring> = [
    "axes", "projections", "lines", "patches", "collections", "text", "image", "legend",
    "container", "table", "spines", "axis", "quiver", "contour",
  ]

  /// Attributes of artists that say what they draw, under the names that their setters have.
  private static let drawn = [
    ("_label", "label"), ("_text", "text"), ("_x", "x"), ("_y", "y"), ("_x0", "x0"), ("_y0", "y0"),
    ("_xorig", "xdata"), ("_yorig", "ydata"), ("_width", "width"), ("_height", "height"),
    ("_offsets", "offsets"), ("_sizes", "sizes"), ("_A", "array"), ("_color", "color"),
    ("_facecolor", "facecolor"), ("_facecolors", "facecolors"), ("_linestyle", "linestyle"),
    ("_linewidth", "linewidth"), ("_children", "children"),
    ("legend_", "legend"), ("_legend_title_box", "title"), ("texts", "texts"),
  ]

  private func attributes(of node: Node) -> ObjectAttributes? {
    MadeObject(node, in: graph).flatMap { ObjectAttributes($0, in: self) }
  }

  /// The text of a Text, if it has any.
  private func text(_ node: Node?, as name: String) -> [Part] {
    guard let text = node.flatMap({ attributes(of: $0) })?["_text"],
      graph.kind(of: text) != .string || graph.payloadSize(of: text) > 0
    else { return [] }
    return [.attribute(name, text)]
  }

  /// Width and height in inches: the corners of a box, as an array of four numbers.
  private func size(ofFigure box: Node?) -> [Part] {
    guard let points = box.flatMap({ attributes(of: $0) })?["_points"] else { return [] }
    guard let array = graph.arraySummary(of: points), array.code == "f8", !array.isBigEndian,
      let bytes = graph.payloadBytes(of: array.elements), bytes.count == 32
    else { return [.attribute("size", points)] }
    let numbers = stride(from: 0, to: 32, by: 8).map { start in
      Double(bitPattern: (0..<8).reduce(0) { $0 | UInt64(bytes[start + $1]) << (8 * UInt64($1)) })
    }
    let (width, height) = (numbers[2] - numbers[0], numbers[3] - numbers[1])
    var text = PythonText.text(of: .float(width))
    text = [UInt8(ascii: "(")] + text + Array(", ".utf8) + PythonText.text(of: .float(height))
    return [Part(step: .attribute("size"), content: .value(.line(text + [UInt8(ascii: ")")])))]
  }
}
