import PodPickle

/// Estimators of scikit-learn: parameters first, then what was fitted, then what is private.
extension ValueReader {
  static let estimators: [String: Recognizer] = [
    "sklearn.tree._tree.Tree": { object, reader throws(BlobError) in
      let names = ["n_features", "n_classes", "n_outputs"]
      guard let attributes = ObjectAttributes(object, in: reader),
        object.arguments.count == names.count
      else { return nil }
      let sizes = zip(names, object.arguments).map { Part.attribute($0, $1) }
      return reader.form(object, sizes + attributes.parts { _ in true })
    }
  ]

  /// Whatever else is of scikit-learn and is made of nothing but its attributes.
  static let estimator: Recognizer = { object, reader throws(BlobError) in
    guard object.arguments.isEmpty || object.makerName == "copyreg._reconstructor",
      object.items.isEmpty, object.pairs.isEmpty, object.keywords.isEmpty,
      let attributes = ObjectAttributes(object, in: reader)
    else { return nil }
    let isPrivate = { (name: String) in name.hasPrefix("_") }
    let isFitted = { (name: String) in name.hasSuffix("_") && !isPrivate(name) }
    return reader.form(
      object,
      attributes.parts { !isFitted($0) && !isPrivate($0) } + attributes.parts(where: isFitted)
        + attributes.parts(where: isPrivate))
  }
}
