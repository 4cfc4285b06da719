import ArgumentParser
import Glibc
import PodFUSE
import PodModel
import PodStore

/// How a command that threw ends: what it says, where, and with which exit code.
struct Ending {
  /// It could not be done; from `diff`: there is a difference.
  static let failed: CInt = 1
  /// The command line is wrong; from `diff`: it could not be done.
  static let wrongUse: CInt = 2
  /// Damage was found, or what was asked for is not there.
  static let nothingFound: CInt = 3

  /// The exit code.
  let status: CInt
  /// What is said: a line on standard error, or, with status 0, a help on standard output.
  let text: String

  /// Decides how `error` ends the command that `arguments` mean.
  init(of error: any Error, in arguments: CommandLineArguments) {
    if let code = error as? ExitCode {
      self.init(status: code.rawValue, text: "")
      return
    }
    let ending = Self(ofFailure: error, in: arguments)
    // A 1 of `diff` says that it was done, and that there is a difference.
    let isTaken = arguments.verb == DiffCommand.configuration.commandName
    let status = isTaken && ending.status == Self.failed ? Self.wrongUse : ending.status
    self.init(status: status, text: ending.text)
  }

  private init(ofFailure error: any Error, in arguments: CommandLineArguments) {
    switch error {
    case let error as CommandError:
      self.init(status: error.status, text: "\(error)")
    case let error as NameError:
      self.init(status: Self.wrongUse, text: "\(error)")
    case let error as StoreError:
      self.init(status: error.isAbsence ? Self.nothingFound : Self.failed, text: "\(error)")
    case let error as MountError:
      self.init(status: Self.failed, text: "\(error)")
    default:
      self.init(ofParsing: error, in: arguments)
    }
  }

  private init(ofParsing error: any Error, in arguments: CommandLineArguments) {
    let code = Podfs.exitCode(for: error)
    if code.isSuccess {
      self.init(status: 0, text: Podfs.fullMessage(for: error))
    } else if code == .validationFailure {
      let message = Podfs.message(for: error).replacing(". Did you mean", with: ", did you mean")
      let help = ["podfs help", arguments.verb].compactMap(\.self).joined(separator: " ")
      self.init(
        status: Self.wrongUse,
        text: message.prefix(1).lowercased() + message.dropFirst() + "; see '\(help)'")
    } else {
      self.init(status: Self.failed, text: "\(error)")
    }
  }

  private init(status: CInt, text: String) {
    self.status = status
    self.text = text
  }

  /// Says it, on one line if it is an error.
  func tell() {
    if status == 0 {
      print(text)
    } else if !text.isEmpty {
      tellError(text)
    }
  }
}

/// Writes `podfs: text` to standard error, on one line.
func tellError(_ text: String) { writeError("podfs: \(text.printable)\n") }

/// Writes to standard error.
func writeError(_ text: String) {
  let number = dup(STDERR_FILENO)
  // With no standard error there is nobody to tell.
  if number >= 0 {
    try? Descriptor(takingOver: number, path: "standard error").write(Array(text.utf8))
  }
}

extension CommandError {
  /// The exit code that the error ends with.
  fileprivate var status: CInt {
    switch self {
    case .failed, .system: Ending.failed
    case .wrongUse: Ending.wrongUse
    case .nothingFound: Ending.nothingFound
    }
  }
}

extension StoreError {
  /// Whether the error says that something that was asked for is not there.
  fileprivate var isAbsence: Bool {
    switch self {
    case .noSuchSession, .sessionRemoved, .noCommits, .noSuchRevision, .noSuchVariable,
      .noSuchBranch, .noSuchTag, .nothingToUndo, .nothingToRedo:
      true
    default:
      false
    }
  }
}
