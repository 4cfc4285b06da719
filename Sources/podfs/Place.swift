import PodModel
import PodStore

/// A location that was found in a store.
struct Place {
  /// What the person typed.
  let location: Location
  /// Its session.
  let session: Session
  /// Its commit, or nil for the workspace.
  let commit: CommitNumber?
  /// The variables there.
  let manifest: Manifest

  /// The commit or workspace as it is typed: `alice@7`, `alice`.
  var title: String { session.name.text + (commit.map { "@\($0)" } ?? "") }

  /// Returns the variable that the location names.
  func variable() throws -> (name: VariableName, version: Version) {
    guard let name = location.variable else {
      throw CommandError.wrongUse("'\(location)' names no variable; give one, as in '\(title):df'")
    }
    guard let version = manifest.versions[name] else {
      throw CommandError.nothingFound(
        "there is no variable '\(name)' in '\(title)'; 'podfs ls \(title)' lists what is there")
    }
    return (name, version)
  }

  /// Refuses a location that names a variable, for commands about all of a commit.
  func withoutVariable() throws -> Place {
    if location.variable != nil {
      throw CommandError.wrongUse("'\(location)' names a variable; give '\(title)'")
    }
    return self
  }
}

extension Store {
  /// Finds the place that a person typed.
  func place(_ text: String) throws -> Place {
    let location = try Location(parsing: text)
    let session = try session(location.session)
    guard let revision = location.revision else {
      return Place(
        location: location, session: session, commit: nil,
        manifest: try workspace(of: session.id))
    }
    let commit = try resolve(revision, in: session.id)
    return Place(
      location: location, session: session, commit: commit,
      manifest: try manifest(of: commit, in: session.id))
  }
}
