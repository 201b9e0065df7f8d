IF(EXISTS(SELECT 1 FROM mysql.servers WHERE server_name = {name}), 'there', 'absent')
