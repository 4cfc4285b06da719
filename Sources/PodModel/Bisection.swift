extension Range<Int> {
  /// Returns the first number of the range at which `isReached`, by bisection, or the upper bound.
  ///
  /// What is reached at one number must be so at all that follow.
  @inlinable
  public func partitioningIndex(where isReached: (Int) -> Bool) -> Int {
    var rest = self
    while !rest.isEmpty {
      let middle = rest.lowerBound + rest.count / 2
      rest =
        isReached(middle) ? rest.lowerBound..<middle : (middle + 1)..<rest.upperBound
    }
    return rest.lowerBound
  }
}
