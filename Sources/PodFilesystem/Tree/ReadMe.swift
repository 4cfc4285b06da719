/// The `README` of a mount.
enum ReadMe {
  /// What is here, in twenty lines.
  static let text = Array(
    """
    Every version of every variable, as files. One directory is one session.

      SESSION/HEAD               the commit that is checked out
      SESSION/commits/N/NAME     variable NAME as it was in commit N: a pickle of its own, read-only
      SESSION/text/N/NAME        the same as text, for reading, grep -r and diff -r
      SESSION/text/workspace/    the workspace as text
      SESSION/branches, tags     names for commits
      SESSION/log                one line per commit
      SESSION/workspace/NAME     the live variables: write, replace, rename and remove them here
      SESSION/commit             write a message into it, and the workspace is committed

    Try:

      mkdir alice                                     make a session
      cp alice/commits/7/df bob/workspace/            take over a variable; no data is copied
      diff -r alice/text/6 alice/text/7               see what a commit changed
      echo "cleaned" > alice/commit                   commit the workspace
      getfattr -d alice/commits/7/df                  type, shape and origin of a variable
      python3 -c 'import pickle; print(pickle.load(open("alice/HEAD/df", "rb")))'

    """.utf8)
}
