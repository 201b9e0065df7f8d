-- A user or a role: without the password's hash, which does not belong into a history.
IF(EXISTS(SELECT 1 FROM mysql.user WHERE user = {name} AND host IN ({hosts})), 'there', 'absent')
