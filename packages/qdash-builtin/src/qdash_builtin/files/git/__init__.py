"""Git repositories of folders: the only code that uses a git library. No hook and no filter of a repository ever runs."""
