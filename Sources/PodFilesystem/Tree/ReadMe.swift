/// The `README` of a mount.
enum ReadMe {
  /// What is here, in twenty lines.
  static let text = Array(
    """
    Every version of every variable, as files. One directory is one session.

      SESSION/HEAD              the commit that is checked out: ln -sfn commits/3 HEAD changes it
      SESSION/commits/N/NAME    variable NAME as it was in commit N: a pickle of its own, read-only
      SESSION/by-time/TIME      the same commits by their times in UTC
      SESSION/vars/NAME/N       each value of a variable once, by the commit that brought it
      SESSION/branches, tags    names for commits: ln -s ../commits/3 tags/good makes one, rm removes it
      SESSION/text/N/NAME       values as text, for reading, grep -r and diff -r
      SESSION/info/N/           what is known of a commit: message, time, cell.py, changed, unsaved ...
      SESSION/log               one line per commit
      SESSION/workspace/NAME    the live variables: write, replace, rename and remove them here
      SESSION/commit            write a message into it, and the workspace is committed

    Try:

      mkdir alice                             make a session
      cp alice/commits/7/df bob/workspace/    take over a variable; no data is copied
      diff -r alice/text/6 alice/text/7       see what a commit changed
      echo "cleaned" > alice/commit           commit the workspace
      getfattr -d alice/commits/7/df          type, shape and origin of a variable

    """.utf8)
}
